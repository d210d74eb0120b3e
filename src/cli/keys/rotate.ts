import type { Command } from 'commander';
import { configOf } from '../settings.ts';
import type { Terminal } from '../terminal.ts';
import { newStoreKey } from './store.ts';

export function addKeysRotate(keys: Command, terminal: Terminal): void {
  keys
    .command('rotate')
    .description('print STORE_KEYS with a new key in front: the first step of changing it')
    .action(async (_options: unknown, command: Command) => {
      const { storeKeys } = await configOf(command);
      const old = storeKeys.map((key) => Buffer.from(key).toString('base64'));
      await terminal.out(`${[newStoreKey(), ...old].join(',')}\n`);
      terminal.err('Set this as STORE_KEYS, restart every gateway, then run: mekong keys reseal\n');
    });
}
