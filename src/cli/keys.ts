import type { Command } from 'commander';
import { addKeysOperator } from './keys/operator.ts';
import { addKeysReseal } from './keys/reseal.ts';
import { addKeysRetire } from './keys/retire.ts';
import { addKeysRotate } from './keys/rotate.ts';
import { addKeysStore } from './keys/store.ts';
import type { Terminal } from './terminal.ts';

const STEPS = `
To change STORE_KEYS while gateways run:
  1. keys rotate   set what it prints as STORE_KEYS, and restart every gateway
  2. keys reseal   seals every session, and what is kept aside, with the new key
  3. keys retire   set what it prints as STORE_KEYS, and restart every gateway`;

export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program
    .command('keys')
    .description('make and change the keys that seal sessions and what is kept aside; make keys of operators')
    .helpCommand(false)
    .addHelpText('after', STEPS);
  addKeysStore(keys, terminal);
  addKeysRotate(keys, terminal);
  addKeysReseal(keys, terminal);
  addKeysRetire(keys, terminal);
  addKeysOperator(keys, terminal);
}
