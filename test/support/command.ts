import { built } from './built.ts';
import { startChild } from './child.ts';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Starts `mekong` as a person would. @param env the whole environment beside PATH. */
export const startCommand = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  startChild(process.execPath, [built('cli.js'), ...args], env);

/** The same, to its end. */
export async function runCommand(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const child = startCommand(args, env);
  const code = await child.exit;
  return { code, out: child.stdout, err: child.stderr };
}
