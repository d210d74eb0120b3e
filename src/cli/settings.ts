import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { UsageError } from './run.ts';

/**
 * The environment of the process, over what `--env-file` holds.
 * @throws UsageError when that file cannot be read.
 */
export function environmentOf(command: Command): NodeJS.ProcessEnv {
  const { envFile } = command.optsWithGlobals<{ envFile?: string }>();
  return { ...(envFile !== undefined && readEnvFile(envFile)), ...process.env };
}

/** @throws ConfigError listing every mistake; UsageError as `environmentOf`. */
export const configOf = (command: Command): Config => readConfig(environmentOf(command));

function readEnvFile(file: string): NodeJS.ProcessEnv {
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')) };
  } catch {
    throw new UsageError(`--env-file ${file} cannot be read`);
  }
}
