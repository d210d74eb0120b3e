import type { Command } from 'commander';
import { countSeals } from '../../sessions/count-seals.ts';
import { createSealer } from '../../sessions/sealing.ts';
import { Failed } from '../run.ts';
import { configOf } from '../settings.ts';
import { withStoreForReading } from '../store.ts';
import type { Terminal } from '../terminal.ts';

export function addKeysRetire(keys: Command, terminal: Terminal): void {
  keys
    .command('retire')
    .description('print STORE_KEYS without the old keys, once no session needs them')
    .action(async (_options: unknown, command: Command) => {
      const config = configOf(command);
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
      terminal.err('Set this as STORE_KEYS, and restart every gateway.\n');
    });
}
