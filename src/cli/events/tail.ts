import { setTimeout } from 'node:timers/promises';
import type { Command } from 'commander';
import { newestEvents, readAll } from '../../events/seek.ts';
import { SECOND } from '../../lib/duration.ts';
import { stopSignal } from '../../lib/stop-signal.ts';
import { wholeNumber } from '../arguments.ts';
import { configOf } from '../settings.ts';
import { withStoreForReading } from '../store.ts';
import type { Terminal } from '../terminal.ts';
import { addEventFilter, addEventOptions, type EventOptions, filterOf } from './options.ts';
import { createPrinter } from './print.ts';

interface Options extends EventOptions {
  readonly limit: number;
  readonly follow?: true;
}

/** The gateway is another process, and tells this one nothing. */
const LOOK_EVERY = SECOND / 2;

export function addEventsTail(events: Command, terminal: Terminal): void {
  const command = events
    .command('tail')
    .description('print the newest events, oldest of them first')
    .option('-n, --limit <count>', 'how many', wholeNumber(0, 1_000_000), 20)
    .option('-f, --follow', 'go on with what comes, until Ctrl-C');
  addEventFilter(addEventOptions(command)).action(async (options: Options) => {
    await withStoreForReading(await configOf(command), async ({ log }) => {
      const print = createPrinter(terminal, log, options);
      const filter = filterOf(options);
      // Before the newest are read: what comes in between is newer than they, and found after them.
      let position = await log.end();
      const newest = await newestEvents(log, options.limit, filter);
      await print(newest);
      if (!options.follow) {
        if (newest.length === 0 && options.limit > 0)
          terminal.err('There is no such event in the log yet.\n');
        return;
      }
      position = Math.max(position, newest.at(-1)?.position ?? 0);
      const stop = new AbortController();
      void stopSignal().then(() => stop.abort());
      while (!stop.signal.aborted) {
        for await (const page of readAll(log, position, filter)) {
          await print(page.events);
          ({ position } = page);
        }
        await setTimeout(LOOK_EVERY);
      }
    });
  });
}
