import { type Command, Option } from 'commander';
import { SCOPES, type Scope } from '../auth/viewer.ts';
import { systemClock } from '../lib/clock.ts';
import { HOUR } from '../lib/duration.ts';
import { duration, scopes } from './arguments.ts';
import { UsageError } from './run.ts';
import { environmentOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly key: string;
  readonly subject: string;
  readonly scope: readonly Scope[];
  readonly ttl: number;
  readonly issuer?: string;
  readonly audience?: string;
}

export function addOperatorToken(program: Command, terminal: Terminal): void {
  program
    .command('operator-token')
    .description('print a token for an operator, signed with a key of: mekong keys operator')
    .requiredOption('--key <file>', 'required: the private key')
    .requiredOption('--subject <name>', 'required: who the token is for, as it appears in logs')
    .requiredOption(
      '--scope <scopes>',
      `required: one or more, in one argument: "${SCOPES.join(' ')}"`,
      scopes,
    )
    .option('--issuer <text>', 'default: OPERATOR_ISSUER')
    .option('--audience <text>', 'default: OPERATOR_AUDIENCE')
    .addOption(
      new Option('--ttl <time>', 'how long it is good: 90s, 30m, 12h, 7d')
        .argParser(duration)
        .default(12 * HOUR, '12h'),
    )
    .action(async (options: Options, command: Command) => {
      const env = environmentOf(command);
      const claims = {
        subject: options.subject,
        scopes: options.scope,
        issuer: given('--issuer', options.issuer, 'OPERATOR_ISSUER', env),
        audience: given('--audience', options.audience, 'OPERATOR_AUDIENCE', env),
        ttlMs: options.ttl,
      };
      const { readPrivateJwk, signOperatorToken } = await import('../auth/operator-keys.ts');
      const privateJwk = await readPrivateJwk(options.key);
      await terminal.out(`${await signOperatorToken(privateJwk, claims, systemClock)}\n`);
    });
}

function given(option: string, value: string | undefined, setting: string, env: NodeJS.ProcessEnv): string {
  const text = value || env[setting];
  if (!text) throw new UsageError(`${option} is required, as the setting ${setting} is not set here`);
  return text;
}
