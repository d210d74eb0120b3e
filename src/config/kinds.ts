import { z } from 'zod';
import { isHeaderText } from '../lib/header-text.ts';
import { isLoopback, isOrigin } from '../lib/origins.ts';
import { NATS_URL_FORM, parseNatsUrl } from '../store/nats-url.ts';

/**
 * The kinds of values that settings have: text in, checked value out. Each message follows the setting's name.
 * Blanks around a value are gone before it comes here (`readConfig`).
 */

/** A line break or a NUL inside a value is a mistake of copying: no header, path or name of ours may hold one. */
const CONTROL = /\p{Cc}/u;

export const text = z
  .string()
  .refine((value) => !CONTROL.test(value), 'must not hold a line break or another control character');

/** What is sent in a header as it is. */
export const headerText = text.refine(
  (value) => value === '' || isHeaderText(value) || CONTROL.test(value),
  'must be letters, digits and signs of ASCII without blanks: copy it again from the provider',
);

export const flag = z
  .enum(['true', 'false'], { error: 'must be true or false' })
  .transform((value) => value === 'true');

/** Parts without the blanks around them; at least one. */
const listOf = (part: z.ZodType<string, string>) =>
  z
    .string()
    .transform((value) =>
      value
        .split(',')
        .map((each) => each.trim())
        .filter(Boolean),
    )
    .pipe(z.array(part).min(1, 'must be a comma list, or unset'));

export const list = listOf(text);

export const whole = (min: number, max: number) =>
  text
    .regex(/^\d+$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** As RFC 6750 writes tokens, and too long to be guessed. */
export const bearer = text.regex(
  /^[\w.~+/-]{16,}=*$/,
  'must be at least 16 letters, digits or -._~+/; make one with: openssl rand -hex 32',
);

/** Without the slash at its end. */
export const httpUrl = text
  .refine((value) => {
    const url = parseUrl(value);
    return url !== null && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username;
  }, 'must be an http(s) URL without query, fragment or user')
  .transform((value) => value.replace(/\/+$/, ''));

/** It may hold a user and a password, so the message never repeats it. */
export const proxyUrl = text.refine((value) => {
  const url = parseUrl(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash;
}, 'must be the http(s) URL of a proxy, such as http://proxy.example.com:3128 (no other kind of proxy is spoken to)');

/** Where secrets are sent to. */
export const secureUrl = httpUrl.refine(
  (value) => isSecure(new URL(value)),
  'must begin with https:// (http:// is accepted for this machine alone)',
);

/** See `origins.ts`. */
export const origins = list
  .refine((values) => !values.some((value) => value.includes('*')), {
    error:
      'must name each origin by itself: a pattern with * matches none, as browsers send the whole origin (on a developer’s machine, loopback stands for all of its ports)',
    abort: true,
  })
  .refine(
    (values) => values.every(isOrigin),
    'must be a comma list of origins as browsers send them, such as https://app.example.com or capacitor://localhost: in lower case, without a path or the usual port',
  );

/** Custom schemes are allowed: a mobile app has one. */
export const redirectUris = list.refine(
  (values) =>
    values.every((value) => {
      const url = parseUrl(value);
      return url !== null && !url.hash && isSecure(url);
    }),
  'must be a comma list of absolute URIs without a fragment; http:// is accepted for this machine alone',
);

/** The message never repeats the value, which may hold a password. */
export const storeUrl = text.transform((value, context) => {
  const path = /^sqlite:(.+)/s.exec(value)?.[1];
  if (path !== undefined) return { kind: 'sqlite' as const, path };
  if (parseNatsUrl(value)) return { kind: 'nats' as const, url: value };
  context.addIssue(
    `must be sqlite:PATH, such as sqlite:./data/mekong.db, or ${NATS_URL_FORM} (tls:// insists on TLS; reserved characters of a password are percent-encoded)`,
  );
  return z.NEVER;
});

export const replicas = z
  .enum(['1', '3', '5'], { error: 'must be 1, 3 or 5: how many servers of the cluster keep everything' })
  .transform(Number);

const KEY_BYTES = 32;
/** Of 32 random bytes, fewer than 16 different ones do not happen: such a key was typed, not drawn. */
const LEAST_DIFFERENT_BYTES = 16;

export const sealingKeys = list
  .transform((parts) => parts.map((part) => ({ part, key: Buffer.from(part, 'base64') })))
  .refine(
    (keys) => keys.every(({ part, key }) => key.length === KEY_BYTES && key.toString('base64') === part),
    {
      error: 'must be a comma list of base64 keys of 32 bytes each; make one with: mekong keys store',
      abort: true,
    },
  )
  .refine(
    (keys) => keys.every(({ key }) => new Set(key).size >= LEAST_DIFFERENT_BYTES),
    'holds a key that is not random; make one with: mekong keys store',
  )
  .transform((keys) => keys.map(({ key }) => new Uint8Array(key)));

/** Not over the network in clear. @param value an absolute URL. */
export const isSecureUrl = (value: string): boolean => isSecure(new URL(value));

function isSecure({ protocol, hostname }: URL): boolean {
  return protocol !== 'http:' || isLoopback(hostname);
}

function parseUrl(value: string): URL | null {
  return URL.canParse(value) ? new URL(value) : null;
}
