import type { Command } from 'commander';
import { Failed } from '../run.ts';
import { configOf } from '../settings.ts';
import { withStoreForReading } from '../store.ts';
import type { Terminal } from '../terminal.ts';

export function addKeysRetire(keys: Command, terminal: Terminal): void {
  keys
    .command('retire')
    .description('print STORE_KEYS without the old keys, once no session needs them')
    .action(async (_options: unknown, command: Command) => {
      const config = await configOf(command);
      const { countSeals } = await import('../../sessions/count-seals.ts');
      const { createSealer } = await import('../../sessions/sealing.ts');
      const { old } = await withStoreForReading(config, ({ sessions }) =>
        countSeals(sessions, createSealer(config.storeKeys)),
      );
      if (old > 0) {
        terminal.err(
          `${old === 1 ? '1 session still needs' : `${old} sessions still need`} an old key. Run: mekong keys reseal\n`,
        );
        throw new Failed();
      }
      const [first] = config.storeKeys;
      await terminal.out(`${Buffer.from(first ?? []).toString('base64')}\n`);
      terminal.err(
        config.storeKeys.length === 1
          ? 'This is STORE_KEYS as it is: there is no old key to retire.\n'
          : 'Set this as STORE_KEYS, and restart every gateway.\n',
      );
    });
}
