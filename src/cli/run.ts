import { type Command, CommanderError } from 'commander';
import { explainError } from '../lib/start-error.ts';
import type { Terminal } from './terminal.ts';

/** 0 done, 1 failed, 2 wrong arguments. */
export type ExitCode = 0 | 1 | 2;

/** The arguments are wrong in a way that only the command can see; the message says which and how. */
export class UsageError extends Error {}

/** The command did what it could, and has already said what is wrong. */
export class Failed extends Error {}

/** Commander's words for an end that is no mistake. */
const NO_MISTAKE: ReadonlySet<string> = new Set(['commander.helpDisplayed', 'commander.version']);

/** @returns the exit code; whatever went wrong has been said on standard error. */
export async function run(program: Command, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return NO_MISTAKE.has(error.code) ? 0 : 2;
    if (error instanceof Failed) return 1;
    terminal.err(`${explainError(error)}\n`);
    if (!(error instanceof UsageError)) return 1;
    terminal.err('See: mekong --help\n');
    return 2;
  }
}
