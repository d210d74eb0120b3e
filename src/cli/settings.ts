import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import type { Command } from 'commander';
import type { Config } from '../config.ts';
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
export async function configOf(command: Command): Promise<Config> {
  const { readConfig } = await import('../config.ts');
  return readConfig(environmentOf(command));
}

/** The file of an embedded database. @throws UsageError when the store is a cluster; as `configOf`. */
export async function databaseFileOf(command: Command): Promise<string> {
  const { store } = await configOf(command);
  if (store.kind === 'sqlite') return store.path;
  throw new UsageError('STORE_URL names a NATS cluster: copy its streams with `nats stream backup` instead');
}

function readEnvFile(file: string): NodeJS.ProcessEnv {
  try {
    return { ...parseEnv(readFileSync(file, 'utf8')) };
  } catch {
    throw new UsageError(`--env-file ${file} cannot be read`);
  }
}
