import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { isObject } from '../read.ts';

/** `X-Casso-Signature: t=<milliseconds>,v1=<hex>` (providers/casso.md §6.2). */
export interface Signature {
  /** As it was sent: part of the signed text. */
  readonly time: string;
  /** 64 bytes. */
  readonly digest: Buffer;
}

/** Null when it has another form; further parts are let pass. */
export function parseSignature(header: string): Signature | null {
  const parts = header.split(',').map((part) => part.trim());
  const [time, ...otherTimes] = parts.filter((part) => part.startsWith('t=')).map((part) => part.slice(2));
  const [hex, ...otherDigests] = parts.filter((part) => part.startsWith('v1=')).map((part) => part.slice(3));
  if (time === undefined || hex === undefined || otherTimes.length > 0 || otherDigests.length > 0)
    return null;
  if (!/^\d{1,16}$/.test(time) || !/^[0-9a-f]{128}$/i.test(hex)) return null;
  return { time, digest: Buffer.from(hex, 'hex') };
}

/**
 * How the sender wrote the signed JSON: `v2` as JavaScript does, which is the likeliest; `v2-escaped` as PHP does,
 * with `/` and non-ASCII escaped. The published vector is ASCII without `/`, where both are the same (§6.4).
 */
export type SignatureForm = 'v2' | 'v2-escaped';

/**
 * Which form of the body was signed with one of the keys; null when none was. HMAC-SHA512 over `t`, a point, and the
 * whole envelope written anew with sorted keys: the bytes that were signed never occur in the request.
 *
 * What is verified is the parsed value, which is also what is used. Of a number that JSON.parse cannot hold, the
 * nearest double is verified, used, and then refused by the mapping as no safe integer: two bodies that pass for the
 * same signature cannot mean different amounts.
 * @param body parsed, nothing coerced or left out, and of bounded depth.
 */
export function matchingForm(
  body: unknown,
  { time, digest }: Signature,
  keys: readonly string[],
): SignatureForm | null {
  const plain = `${time}.${sorted(body)}`;
  const matches = (signed: string) =>
    keys.some((key) => timingSafeEqual(createHmac('sha512', key).update(signed).digest(), digest));
  if (matches(plain)) return 'v2';
  return matches(escaped(plain)) ? 'v2-escaped' : null;
}

/** `JSON.stringify`, with the members of every object in code-unit order; lists keep theirs. */
function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${sorted(value[key])}`);
  return `{${members.join(',')}}`;
}

/** What PHP's `json_encode` escapes and JavaScript does not; neither sign occurs outside strings. */
const escaped = (json: string): string =>
  json
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Compares digests, so that neither length nor content shows in the time taken. */
export const matchesToken = (presented: string, tokens: readonly string[]): boolean =>
  tokens.some((token) => timingSafeEqual(sha256(token), sha256(presented)));

const sha256 = (text: string) => createHash('sha256').update(text).digest();
