import type { Provider } from '../domain/provider.ts';
import type { EventLog } from '../events/log.ts';
import type { Clock } from '../lib/clock.ts';
import type { ReadAgain } from '../providers/provider.ts';
import { SealError } from '../sessions/sealing.ts';
import type { Aside } from './aside.ts';
import { append } from './intake.ts';
import type { AsideRow, AsideStore } from './store.ts';

export interface ReplayOptions {
  readonly log: Pick<EventLog, 'append' | 'read'>;
  readonly store: Pick<AsideStore, 'all' | 'delete'>;
  readonly aside: Pick<Aside, 'open' | 'update'>;
  /** How this version reads what each provider sent. */
  readonly readers: Readonly<Record<Provider, ReadAgain>>;
  readonly clock: Clock;
  /** After each row, with the number of those that were looked at. */
  readonly onProgress?: (done: number) => void;
}

export interface ReplayReport {
  /** Events that were added to the log. */
  events: number;
  /** Rows that are wholly understood now, and gone. */
  understood: number;
  /** Rows that stay: this version does not understand them either, or not wholly. */
  left: number;
  /** Rows that stay: none of the keys opens them. */
  unreadable: number;
}

/**
 * Takes in what is kept aside and can be read by now, in the order in which it came, behind what the log holds. An event is
 * received at the time of the replay, as the log is in the order of those times. A row is deleted after its events are in the log,
 * which knows them by their keys: a replay that was interrupted in between can be run again.
 */
export async function replayAside(options: ReplayOptions): Promise<ReplayReport> {
  const { log, store, aside, readers, clock, onProgress = () => {} } = options;
  const report = { events: 0, understood: 0, left: 0, unreadable: 0 };
  let done = 0;

  async function replay(row: AsideRow): Promise<'understood' | 'left'> {
    const content = await aside.open(row);
    const { events, unreadable } = readers[row.provider](row.scheme, content.body, clock.now());
    const fresh = events.filter(({ key }) => !content.taken.includes(key));
    const { added, corrections } = await append(log, fresh);
    report.events += added;
    const held = [...content.corrections, ...corrections];
    if (unreadable.length + held.length === 0) {
      await store.delete(row.id, row.version);
      return 'understood';
    }
    const taken = [...content.taken, ...fresh.map(({ key }) => key)];
    if (fresh.length > 0) await aside.update(row, { ...content, taken, corrections: held });
    return 'left';
  }

  for await (const row of store.all()) {
    const outcome = await replay(row).catch((error: unknown) => {
      if (error instanceof SealError) return 'unreadable' as const;
      throw error;
    });
    report[outcome] += 1;
    done += 1;
    onProgress(done);
  }
  return report;
}
