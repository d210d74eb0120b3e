import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';

export function addKeysStore(keys: Command, terminal: Terminal): void {
  keys
    .command('store')
    .description('print a new key for STORE_KEYS')
    .action(async () => {
      await terminal.out(`${newStoreKey()}\n`);
      terminal.err('Keep it where you keep secrets: without it, every session has to log in again.\n');
    });
}

/** Base64 of 32 random bytes. */
export const newStoreKey = (): string => randomBytes(32).toString('base64');
