import type { Command } from 'commander';
import { startProgress } from '../progress.ts';
import { configOf } from '../settings.ts';
import { withStore } from '../store.ts';
import type { Terminal } from '../terminal.ts';

export function addKeysReseal(keys: Command, terminal: Terminal): void {
  keys
    .command('reseal')
    .description(
      'seal every session, and what is kept aside, with the first of STORE_KEYS, while gateways run',
    )
    .action(async (_options: unknown, command: Command) => {
      const config = await configOf(command);
      const { createSealer } = await import('../../sessions/sealing.ts');
      const { sealedKinds } = await import('./sealed.ts');
      const sealer = createSealer(config.storeKeys);
      await withStore(config, async (store) => {
        for (const { reseal, counted } of sealedKinds(store)) {
          const progress = startProgress(terminal, 'sealed');
          const report = await reseal(sealer, (done) => progress.update(done, null)).finally(() =>
            progress.stop(),
          );
          await terminal.out(
            `${counted(report.resealed)} sealed with the first key, ${report.current} were already, ` +
              `${report.unreadable} cannot be opened with any of the keys.\n`,
          );
        }
      });
    });
}
