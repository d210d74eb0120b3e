import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { addBackup } from './backup.ts';
import { addDev } from './dev.ts';
import { addDoctor } from './doctor.ts';
import { addEvents } from './events.ts';
import { addKeys } from './keys.ts';
import { addMigrate } from './migrate.ts';
import { addOperatorToken } from './operator-token.ts';
import { addRestore } from './restore.ts';
import { addStart } from './start.ts';
import type { Terminal } from './terminal.ts';
import { addTrustedDocuments } from './trusted-documents.ts';

const AFTER_HELP = `
Settings come from the environment (.env.example lists them); --env-file reads them from a file too.
Exit code: 0 done, 1 failed, 2 wrong arguments.`;

/** The command line: one file per command, each adding itself. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('mekong')
    .description('One GraphQL API over two payment providers, Bongloy and Casso.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .option('--env-file <file>', 'settings as NAME=value lines; what the environment sets wins')
    .addHelpText('after', AFTER_HELP)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help tells more)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void terminal.out(text), writeErr: (text) => terminal.err(text) });
  program.commandsGroup('Run it:');
  addDev(program, terminal);
  addStart(program, terminal);
  program.commandsGroup('Look after it:');
  addDoctor(program, terminal);
  addEvents(program, terminal);
  addKeys(program, terminal);
  addOperatorToken(program, terminal);
  addBackup(program, terminal);
  addRestore(program, terminal);
  addMigrate(program, terminal);
  addTrustedDocuments(program, terminal);
  return program;
}

/** The package's, which lies beside both `src` and `dist`. */
function version(): string {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return version;
}
