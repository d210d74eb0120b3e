import type { Command } from 'commander';
import { systemClock } from '../../../lib/clock.ts';
import { counted } from '../../counted.ts';
import { startProgress } from '../../progress.ts';
import { Failed } from '../../run.ts';
import { configOf } from '../../settings.ts';
import { withStoreAlone } from '../../store.ts';
import type { Terminal } from '../../terminal.ts';

export function addAsideReplay(aside: Command, terminal: Terminal): void {
  aside
    .command('replay')
    .description('take into the log what this version understands of it, in the order in which it came')
    .addHelpText(
      'after',
      '\nWith a database file stop the gateway first; on NATS gateways may run. What is taken in goes from here; run it again\n' +
        'if it was interrupted: an event that the log has is not added twice.',
    )
    .action(async (_options: unknown, command: Command) => {
      const config = await configOf(command);
      const { createAside } = await import('../../../aside/aside.ts');
      const { replayAside } = await import('../../../aside/replay.ts');
      const { createSealer } = await import('../../../sessions/sealing.ts');
      const { readBongloyAgain } = await import('../../../providers/bongloy/index.ts');
      const { readCassoAgain } = await import('../../../providers/casso/index.ts');
      const progress = startProgress(terminal, 'kept aside');
      const { events, understood, left, unreadable } = await withStoreAlone(config, ({ log, aside: store }) =>
        replayAside({
          log,
          store,
          aside: createAside(store, createSealer(config.storeKeys)),
          readers: { BONGLOY: readBongloyAgain, CASSO: readCassoAgain },
          clock: systemClock,
          onProgress: (done) => progress.update(done, null),
        }),
      ).finally(() => progress.stop());
      await terminal.out(
        `${counted(events, 'event')} added to the log. Kept aside before: ${understood + left + unreadable}, ` +
          `wholly understood now: ${understood}, still kept: ${left + unreadable}.\n`,
      );
      if (unreadable === 0) return;
      terminal.err(
        `${unreadable} cannot be opened with any of the keys: put the key that is missing back into STORE_KEYS.\n`,
      );
      throw new Failed();
    });
}
