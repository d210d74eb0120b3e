import { failure, type Reply, success } from './message.ts';

/** What a read of an unknown id answers: nothing is published, and these three are likely (§4.3). */
export type UnknownReply = 'null' | 'status-404' | 'error-404';

const replies: Readonly<Record<UnknownReply, Reply>> = {
  null: success(null),
  'status-404': failure(404, 'Not Found', 404),
  'error-404': failure(404, 'Not Found'),
};

export const unknownReply = (kind: UnknownReply): Reply => replies[kind];

/** A path's id as a number; 0, which nothing has, if it is none. */
export function idOf(text: string): number {
  return /^\d{1,15}$/u.test(text) ? Number(text) : 0;
}
