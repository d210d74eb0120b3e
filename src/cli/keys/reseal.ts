import type { Command } from 'commander';
import { counted } from '../counted.ts';
import { startProgress } from '../progress.ts';
import { configOf } from '../settings.ts';
import { withStore } from '../store.ts';
import type { Terminal } from '../terminal.ts';

export function addKeysReseal(keys: Command, terminal: Terminal): void {
  keys
    .command('reseal')
    .description('seal every session with the first of STORE_KEYS, while gateways run')
    .action(async (_options: unknown, command: Command) => {
      const config = await configOf(command);
      const { resealAll } = await import('../../sessions/reseal.ts');
      const { createSealer } = await import('../../sessions/sealing.ts');
      const progress = startProgress(terminal, 'sessions');
      const report = await withStore(config, ({ sessions }) =>
        resealAll(sessions, createSealer(config.storeKeys), (done) => progress.update(done, null)),
      ).finally(() => progress.stop());
      await terminal.out(
        `${counted(report.resealed, 'session')} sealed with the first key, ${report.current} were already, ` +
          `${report.unreadable} cannot be opened with any of the keys.\n`,
      );
    });
}
