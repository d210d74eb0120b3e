import type { Command } from 'commander';
import { explainStartError } from '../lib/start-error.ts';
import { Failed } from './run.ts';
import { environmentOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

export function addDev(program: Command, terminal: Terminal): void {
  program
    .command('dev')
    .description('run the gateway against simulators of both providers, with made-up traffic')
    .addHelpText(
      'after',
      '\nNothing to set up, nothing leaves this machine, nothing is left behind.\nOf the settings HOST, PORT, LOG_LEVEL and CORS_ORIGINS count; the simulators listen on the two ports after PORT.\nA page on any port of this machine may call it; CORS_ORIGINS adds pages of other machines.',
    )
    .action(async (_options: unknown, command: Command) => {
      const env = environmentOf(command);
      const { runSandbox } = await import('../sandbox/run.ts');
      await runSandbox(env).catch((error: unknown) => {
        terminal.err(`${explainStartError(error)}\n`);
        if (isTaken(error))
          terminal.err('The gateway takes PORT, and the simulators the two ports after it.\n');
        throw new Failed();
      });
    });
}

const isTaken = (error: unknown): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
