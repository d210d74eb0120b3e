import { randomBytes } from 'node:crypto';
import type { Database } from '../store/database.ts';

/**
 * Which epoch each position of the file belongs to. Every process that appends begins an epoch of its own, at the
 * position that it found; an epoch ends where the next one begins. So an epoch and a position together name one event
 * for ever, whatever happens to the file: put back from an old copy, it has lost the end of an epoch, the next process
 * gives the same positions under another one, and cursors of what was lost are known to be of something else.
 */
export interface Epochs {
  /** Stays the same for a position as long as the file holds it, also after a restart. */
  at(position: number): string;
  /** Within the transaction of an append, before its first event. @param end of the log. */
  begin(end: number): void;
  /** After a transaction that began the epoch: only now is it there. */
  begun(): void;
}

interface Stretch {
  readonly epoch: string;
  readonly beginsAfter: number;
}

export function createEpochs(database: Database): Epochs {
  const all = database.prepare<[], Stretch>(
    `SELECT epoch, beginsAfter FROM (
       SELECT 0 AS number, epoch, -1 AS beginsAfter FROM event_log
       UNION ALL SELECT number, epoch, begins_after FROM event_epochs
     ) ORDER BY number`,
  );
  const insert = database.prepare<[string, number]>(
    'INSERT INTO event_epochs (epoch, begins_after) VALUES (?, ?)',
  );
  // The one that holds the position trimmed to, and all after it, are still of use.
  const forget = database.prepare(
    `DELETE FROM event_epochs WHERE number <
     (SELECT max(number) FROM event_epochs WHERE begins_after < (SELECT trimmed_to FROM event_log))`,
  );
  const own = randomBytes(8).toString('hex');
  const stretches = all.all();
  /** Who only reads is told nothing by the process that appends, and asks again. */
  const current = database.readonly ? () => all.all() : () => stretches;
  /** Ours, from the transaction that began it on. */
  let ours: Stretch | null = null;
  let isBegun = false;

  return {
    at: (position) => current().findLast(({ beginsAfter }) => beginsAfter < position)?.epoch ?? own,

    begin(end) {
      if (isBegun) return;
      forget.run();
      insert.run(own, end);
      ours = { epoch: own, beginsAfter: end };
    },

    begun() {
      if (isBegun || !ours) return;
      stretches.push(ours);
      isBegun = true;
    },
  };
}
