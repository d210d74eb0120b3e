import type { Command } from 'commander';
import { explainStartError } from '../lib/start-error.ts';
import { Failed } from './run.ts';
import { environmentOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

export function addStart(program: Command, terminal: Terminal): void {
  program
    .command('start')
    .description('run the gateway until SIGTERM or Ctrl-C')
    .addHelpText('after', '\nThe log is JSON lines on standard error. The same as node dist/main.js.')
    .action(async (_options: unknown, command: Command) => {
      const env = environmentOf(command);
      const { runGateway } = await import('../gateway.ts');
      await runGateway(env).catch((error: unknown) => {
        terminal.err(`${explainStartError(error)}\n`);
        throw new Failed();
      });
    });
}
