import { isSafeOrigin, LOOPBACK_ORIGINS } from '../lib/origins.ts';
import type { Environment } from './environment.ts';
import { isSecureUrl } from './kinds.ts';

/** 256 bits, at one byte a character: RFC 7518 §3.2 wants as much of a key for HS256. Bongloy issues as many. */
const LEAST_SECRET = 32;

/** What is fine on a developer's machine and would betray users elsewhere: a line for each, with its cure. */
const RULES: readonly {
  readonly broken: (values: Environment) => boolean;
  readonly mistake: string;
}[] = [
  {
    broken: ({ PUBLIC_URL }) => PUBLIC_URL !== undefined && !isSecureUrl(PUBLIC_URL),
    mistake:
      'PUBLIC_URL must begin with https:// in production, as tokens travel over it: put a proxy with TLS in front',
  },
  {
    broken: ({ CORS_ORIGINS }) => CORS_ORIGINS.includes(LOOPBACK_ORIGINS),
    mistake: 'CORS_ORIGINS must not hold loopback in production, as it is for development: name each origin',
  },
  {
    broken: ({ CORS_ORIGINS }) =>
      !CORS_ORIGINS.filter((origin) => origin !== LOOPBACK_ORIGINS).every(isSafeOrigin),
    mistake:
      'CORS_ORIGINS must begin with https:// in production (or with the scheme of an app, such as capacitor://): a page that comes over http:// can be changed on its way',
  },
  {
    broken: ({ BONGLOY_WEBHOOK_SECRETS }) => isGuessable(BONGLOY_WEBHOOK_SECRETS),
    mistake:
      'BONGLOY_WEBHOOK_SECRETS must have 32 characters each in production: copy them whole from Bongloy, which issues as many',
  },
  {
    broken: ({ CASSO_WEBHOOK_SECURE_TOKENS }) => isGuessable(CASSO_WEBHOOK_SECURE_TOKENS),
    mistake:
      'CASSO_WEBHOOK_SECURE_TOKENS must have at least 32 characters each in production; make one with: openssl rand -hex 32',
  },
];

const isGuessable = (secrets: readonly string[] = []): boolean =>
  secrets.some((secret) => secret.length < LEAST_SECRET);

/** @returns a line for each setting that is not safe in production; none elsewhere. */
export function productionMistakes(values: Environment): string[] {
  if (values.NODE_ENV !== 'production') return [];
  return RULES.filter(({ broken }) => broken(values)).map(({ mistake }) => mistake);
}
