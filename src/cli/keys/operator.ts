import { type Command, Option } from 'commander';
import { KEY_ALGORITHMS, type KeyAlgorithm } from '../../auth/key-algorithms.ts';
import type { Terminal } from '../terminal.ts';

interface Options {
  readonly out: string;
  readonly algorithm: KeyAlgorithm;
}

export function addKeysOperator(keys: Command, terminal: Terminal): void {
  keys
    .command('operator')
    .description('make a key pair for operator tokens, for a shop without an identity provider')
    .requiredOption('--out <folder>', 'required: where the two files go; nothing is overwritten')
    .addOption(
      new Option('--algorithm <name>', 'of the signature').choices(KEY_ALGORITHMS).default(KEY_ALGORITHMS[0]),
    )
    .action(async ({ out, algorithm }: Options) => {
      const { createOperatorKeys, writeOperatorKeys } = await import('../../auth/operator-keys.ts');
      const { privateFile, publicFile } = await writeOperatorKeys(out, await createOperatorKeys(algorithm));
      await terminal.out(`${privateFile}\n${publicFile}\n`);
      terminal.err(`Keep the first one secret. Set OPERATOR_JWKS_FILE=${publicFile} for the gateway.\n`);
    });
}
