import type { Command } from 'commander';
import { Failed } from '../run.ts';
import { configOf } from '../settings.ts';
import { withStoreForReading } from '../store.ts';
import type { Terminal } from '../terminal.ts';

export function addKeysRetire(keys: Command, terminal: Terminal): void {
  keys
    .command('retire')
    .description('print STORE_KEYS without the old keys, once nothing needs them')
    .action(async (_options: unknown, command: Command) => {
      const config = await configOf(command);
      const { createSealer } = await import('../../sessions/sealing.ts');
      const { sealedKinds } = await import('./sealed.ts');
      const sealer = createSealer(config.storeKeys);
      const needing = await withStoreForReading(config, async (store) => {
        const found: string[] = [];
        for (const { count, counted } of sealedKinds(store)) {
          const { old } = await count(sealer);
          if (old > 0) found.push(`${counted(old)} still need${old === 1 ? 's' : ''} an old key.`);
        }
        return found;
      });
      if (needing.length > 0) {
        terminal.err(`${needing.join(' ')} Run: mekong keys reseal\n`);
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
