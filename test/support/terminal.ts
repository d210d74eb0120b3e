import { createProgram } from '../../src/cli/program.ts';
import { type ExitCode, run } from '../../src/cli/run.ts';
import { createTerminal } from '../../src/cli/terminal.ts';

export interface Said {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a command within this process: for what is wrong with its arguments, where a process each would only be slow. */
export async function mekong(...args: string[]): Promise<Said> {
  const said = { out: '', err: '' };
  const terminal = createTerminal({
    out: async (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
    watched: false,
    style: (_colour, text) => text,
  });
  const code = await run(createProgram(terminal), args, terminal);
  return { code, ...said };
}
