import { parseArgs } from 'node:util';
import { systemClock } from '../lib/clock.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../lib/duration.ts';
import {
  createOperatorKeys,
  KEY_ALGORITHMS,
  type KeyAlgorithm,
  readPrivateJwk,
  signOperatorToken,
  writeOperatorKeys,
} from './operator-keys.ts';
import { isScope, SCOPES, type Scope } from './viewer.ts';

const HELP = `Keys and tokens for operators, for a shop without an identity provider.

  npm run operator -- keys --out FOLDER [--algorithm ${KEY_ALGORITHMS.join('|')}]
      Makes a key pair: a private key, to keep, and a key set, for OPERATOR_JWKS_FILE.

  npm run operator -- token --key FILE --subject NAME --scope "SCOPE …" --issuer TEXT --audience TEXT [--ttl TIME]
      Prints a token signed with the private key.
      --scope     one or more of: ${SCOPES.join(' ')}
      --issuer    as in OPERATOR_ISSUER      --audience  as in OPERATOR_AUDIENCE
      --ttl       how long it is good: 90s, 30m, 12h, 7d (default 12h)

Exit code: 0 done, 1 failed, 2 wrong arguments.
`;

/** The arguments are wrong; the message says which and how. */
class UsageError extends Error {}

export interface CommandOutput {
  /** Standard output: what was asked for. */
  readonly out: (text: string) => void;
  /** Standard error: what went wrong, or is worth knowing. */
  readonly err: (text: string) => void;
}

/** @returns the exit code. */
export async function runOperatorCommand(args: readonly string[], output: CommandOutput): Promise<0 | 1 | 2> {
  try {
    const [command, ...rest] = args;
    if (command === 'keys') await makeKeys(rest, output);
    else if (command === 'token') await makeToken(rest, output);
    else if (command === '--help' || command === '-h') output.out(HELP);
    else throw new UsageError(command ? `there is no command ${command}` : 'a command is missing');
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    output.err(`${error.message}\n`);
    if (!(error instanceof UsageError)) return 1;
    output.err('See: npm run operator -- --help\n');
    return 2;
  }
}

async function makeKeys(args: string[], { out, err }: CommandOutput): Promise<void> {
  const { out: folder, algorithm, help } = options(args, ['out', 'algorithm']);
  if (help) return out(HELP);
  const files = await writeOperatorKeys(
    required('out', folder),
    await createOperatorKeys(keyAlgorithm(algorithm ?? 'ES256')),
  );
  out(`${files.privateFile}\n${files.publicFile}\n`);
  err(`Keep the first one secret. Set OPERATOR_JWKS_FILE=${files.publicFile} for the gateway.\n`);
}

async function makeToken(args: string[], { out }: CommandOutput): Promise<void> {
  const given = options(args, ['key', 'scope', 'subject', 'ttl', 'issuer', 'audience']);
  if (given['help']) return out(HELP);
  const claims = {
    subject: required('subject', given['subject']),
    scopes: scopes(required('scope', given['scope'])),
    issuer: required('issuer', given['issuer']),
    audience: required('audience', given['audience']),
    ttlMs: duration(given['ttl'] ?? '12h'),
  };
  const privateJwk = await readPrivateJwk(required('key', given['key']));
  out(`${await signOperatorToken(privateJwk, claims, systemClock)}\n`);
}

function options(args: string[], names: readonly string[]): Partial<Record<string, string>> {
  try {
    const { values } = parseArgs({
      args,
      options: {
        ...Object.fromEntries(names.map((name) => [name, { type: 'string' as const }])),
        help: { type: 'boolean', short: 'h' },
      },
    });
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function required(name: string, value: string | undefined): string {
  if (!value) throw new UsageError(`--${name} is required`);
  return value;
}

function scopes(text: string): Scope[] {
  const words = text.split(' ').filter(Boolean);
  const unknown = words.filter((word) => !isScope(word));
  if (unknown.length > 0 || words.length === 0) {
    throw new UsageError(`--scope must be among ${SCOPES.join(' ')}, not "${unknown.join(' ')}"`);
  }
  return words.filter(isScope);
}

function keyAlgorithm(text: string): KeyAlgorithm {
  const algorithm = KEY_ALGORITHMS.find((known) => known === text);
  if (!algorithm) throw new UsageError(`--algorithm must be ${KEY_ALGORITHMS.join(' or ')}`);
  return algorithm;
}

const UNITS = new Map([
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
  ['d', DAY],
]);

/** Milliseconds of a text such as 12h. */
function duration(text: string): number {
  const [, count, unit] = /^([1-9]\d{0,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNITS.get(unit ?? '');
  if (!count || !unitMs) throw new UsageError('--ttl must be a number with s, m, h or d, such as 12h');
  return Number(count) * unitMs;
}
