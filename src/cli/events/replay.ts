import type { Command } from 'commander';
import type { EventLog } from '../../events/log.ts';
import { positionAt, readAll } from '../../events/seek.ts';
import { moment } from '../arguments.ts';
import { UsageError } from '../run.ts';
import { configOf } from '../settings.ts';
import { withStoreForReading } from '../store.ts';
import type { Terminal } from '../terminal.ts';
import { addEventFilter, addEventOptions, type EventOptions, filterOf } from './options.ts';
import { createPrinter } from './print.ts';
import { positionOf } from './show.ts';

interface Options extends EventOptions {
  readonly after?: string;
  readonly since?: number;
  readonly until?: number;
}

export function addEventsReplay(events: Command, terminal: Terminal): void {
  const command = events
    .command('replay')
    .description('print what is kept from a cursor or a time on, oldest first')
    .option('--after <cursor>', 'from the event behind this one, a cursor or a position')
    .option(
      '--since <time>',
      'received at this time or later: 2026-11-27T08:00:00Z, or how long ago: 2h',
      moment,
    )
    .option('--until <time>', 'received before this time', moment);
  addEventFilter(addEventOptions(command)).action(async (options: Options) => {
    if (options.after !== undefined && options.since !== undefined) {
      throw new UsageError('--after and --since exclude each other');
    }
    await withStoreForReading(await configOf(command), async ({ log }) => {
      const print = createPrinter(terminal, log, options);
      const until = options.until ?? Number.POSITIVE_INFINITY;
      for await (const { events } of readAll(log, await begin(log, options), filterOf(options))) {
        const wanted = events.filter(({ receivedAt }) => receivedAt < until);
        await print(wanted);
        if (wanted.length < events.length) break;
      }
    });
  });
}

async function begin(log: EventLog, { after, since }: Options): Promise<number> {
  if (since !== undefined) return positionAt(log, since);
  const trimmedTo = await log.trimmedTo();
  const position = after === undefined ? trimmedTo : await positionOf(after, log);
  const end = await log.end();
  if (trimmedTo <= position && position <= end) return position;
  throw new Error(`The log can be replayed after ${trimmedTo} to ${end}, not after ${position}.`);
}
