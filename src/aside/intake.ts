import { isSamePayment } from '../domain/bank-identity.ts';
import type { BankTransaction } from '../domain/bank-transaction.ts';
import type { UnreadableRow } from '../domain/unreadable-row.ts';
import { CursorExpired, type EventLog, type NewEvent } from '../events/log.ts';
import type { Clock } from '../lib/clock.ts';
import { CASSO_LIST } from '../providers/casso/index.ts';
import type { Reading } from '../providers/provider.ts';
import type { Aside, NotUnderstood } from './aside.ts';

/** Takes in everything authentic: into the log, or aside, or both. */
export interface Intake {
  /**
   * When this resolves, everything is on disk: events in the log, and beside it the whole delivery when a row of it was not
   * understood, or contradicts what the log has of a transaction. It may be repeated.
   * @returns why it was kept aside, one constant for each such row; empty when it was not.
   * @throws LogUnavailable, AsideFull, AsideUnavailable
   */
  take(delivery: Delivery): Promise<readonly string[]>;
}

export interface Delivery extends Omit<NotUnderstood, 'reason' | 'content'> {
  readonly body: Buffer;
  readonly reading: Reading;
}

/** The log keeps the first version of a transaction; a later one that contradicts it is not thrown away. */
const CORRECTION = 'correction';

export function createIntake(log: Pick<EventLog, 'append' | 'read'>, aside: Pick<Aside, 'keep'>): Intake {
  return {
    async take({ body, reading: { events, unreadable }, ...about }) {
      const { corrections } = await append(log, events);
      const reasons = [...unreadable, ...corrections.map(() => CORRECTION)];
      const [reason] = reasons;
      if (reason !== undefined) {
        const taken = events.map(({ key }) => key);
        await aside.keep({ ...about, reason, content: { body, taken, corrections } });
      }
      return reasons;
    },
  };
}

/** Keeps a row of Casso's list, by its id where it has one, so that it is kept once however it changes. */
export const keepRow =
  (aside: Pick<Aside, 'keep'>, clock: Clock) =>
  ({ id, member, raw }: UnreadableRow): Promise<boolean> =>
    aside.keep(
      {
        provider: 'CASSO',
        scheme: CASSO_LIST,
        reason: member,
        receivedAt: clock.now(),
        content: { body: Buffer.from(JSON.stringify(raw)), taken: [], corrections: [] },
      },
      id === null ? undefined : `row ${id}`,
    );

export interface Appended {
  /** Events that the log did not have. */
  readonly added: number;
  /** Keys of those that the log holds otherwise. */
  readonly corrections: readonly string[];
}

/** @throws LogUnavailable */
export async function append(
  log: Pick<EventLog, 'append' | 'read'>,
  events: readonly NewEvent[],
): Promise<Appended> {
  const results = events.length > 0 ? await log.append(events) : [];
  const corrections: string[] = [];
  for (const [index, event] of events.entries()) {
    const result = results[index];
    if (event.provider !== 'CASSO' || !result?.duplicate) continue;
    const kept = await transactionAt(log, result.position);
    if (kept && !isSamePayment(kept, event.transaction)) corrections.push(event.key);
  }
  return { added: results.filter(({ duplicate }) => !duplicate).length, corrections };
}

/** Null when the log has forgotten it by now. */
async function transactionAt(log: Pick<EventLog, 'read'>, position: number): Promise<BankTransaction | null> {
  try {
    const [event] = (await log.read(position - 1, 1)).events;
    return event?.provider === 'CASSO' && event.position === position ? event.transaction : null;
  } catch (error) {
    if (error instanceof CursorExpired) return null;
    throw error;
  }
}
