import { type Bucket, overwrite } from '../store/nats-bucket.ts';

/** What is known of the log that a stream was filled from. */
export type Origin = { readonly state: 'COPYING' } | MovedOrigin;

export interface MovedOrigin {
  readonly state: 'MOVED';
  /** Its epochs, each with the first position that it is known for here, ascending. */
  readonly stretches: readonly Stretch[];
  /** Its last position when it was moved. */
  readonly end: number;
  /** A position of it less this is the position here. */
  readonly shift: number;
  /** Of the sessions that were moved beside it, to know them again. */
  readonly sessions: string;
  /** The same of what was kept aside; missing after a move by a version that kept nothing aside. */
  readonly aside?: string;
}

export interface Stretch {
  readonly epoch: string;
  readonly from: number;
}

/** By the epoch of the stream, so that one that is made anew has none. */
export interface Origins {
  get(epoch: string): Promise<Origin | null>;
  set(epoch: string, origin: Origin): Promise<void>;
}

/** Kept in a bucket beside the stream. */
export function createOrigins(bucket: Bucket): Origins {
  const key = (epoch: string): string => `origin.${epoch}`;
  return {
    async get(epoch) {
      const entry = await bucket.get(key(epoch));
      return entry && (JSON.parse(entry.value) as Origin);
    },
    set: (epoch, origin) => overwrite(bucket, key(epoch), JSON.stringify(origin)),
  };
}

/** Where the event stands here that an epoch and a position of the origin name; null: not of what was moved. */
export function movedPosition(
  { stretches, end, shift }: MovedOrigin,
  epoch: string,
  position: number,
): number | null {
  const stretch = stretches.findLast(({ from }) => from <= position);
  return stretch?.epoch === epoch && position <= end ? position - shift : null;
}
