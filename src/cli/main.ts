import { createProgram } from './program.ts';
import { run } from './run.ts';
import { processTerminal } from './terminal.ts';

/** The command line of this process. Sets the exit code, and lets what is still written come out. */
export async function main(args: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  process.exitCode = await run(createProgram(terminal), args, terminal);
}
