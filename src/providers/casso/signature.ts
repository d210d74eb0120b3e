import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { sortedJson } from './sorted-json.ts';

/** `X-Casso-Signature: t=<milliseconds>,v1=<hex>` (docs/providers/casso.md §6.2). */
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
 * How the sender wrote the signed JSON. The published vector is ASCII without `/<>&`, where all are the same (§6.4), and Casso's
 * samples are in languages whose serialisers escape differently. Nothing of what is escaped occurs outside of strings.
 */
const FORMS = {
  /** JavaScript, which is the likeliest, and Jackson for Java. */
  v2: (json: string) => json,
  /** PHP. */
  'v2-escaped': (json: string) => unicode(slashes(json), /[\u0080-\uffff]/g),
  /** Python. */
  'v2-ascii': (json: string) => unicode(json, /[\u007f-\uffff]/g),
  /** PHP with `JSON_UNESCAPED_UNICODE`. */
  'v2-slashes': (json: string) => unicode(slashes(json), /[\u2028\u2029]/g),
  /** Go. */
  'v2-html': (json: string) => unicode(json, /[<>&\u2028\u2029]/g),
};

export type SignatureForm = keyof typeof FORMS;

const FORM_NAMES = Object.keys(FORMS) as SignatureForm[];

/**
 * Characters of a body up to which every form is tried: V2 tells of one transaction, in about a thousand. A stranger's body of a
 * megabyte shall not cost ten signatures: of more than this the two likeliest forms are tried.
 */
const EVERY_FORM_UP_TO = 16 * 1024;
const LIKELIEST: readonly SignatureForm[] = ['v2', 'v2-escaped'];

const slashes = (json: string): string => json.replaceAll('/', '\\/');

const unicode = (json: string, escaped: RegExp): string =>
  json.replace(escaped, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

const asJavaScript = (source: string): string => JSON.stringify(Number(source));
const asSent = (source: string): string => source;
/** `250000.0` is written `250000` by one language, and not by another. */
const NUMBERS = [asJavaScript, asSent];

/**
 * Which form of the body was signed with one of the keys; null when none was. HMAC-SHA512 over `t`, a point, and the
 * whole envelope rewritten with sorted keys: the bytes that were signed never occur in the request.
 *
 * Every form says the same as the body, so that what is verified is what is used. One exception is a number that JSON.parse
 * cannot hold: the nearest double may be what was signed, is what is used, and is then refused by the mapping as no safe
 * integer. Two bodies that pass for the same signature cannot mean different amounts.
 * @param text of the body: strict JSON, of bounded depth.
 */
export function matchingForm(
  text: string,
  { time, digest }: Signature,
  keys: readonly string[],
): SignatureForm | null {
  const isSmall = text.length <= EVERY_FORM_UP_TO;
  const tried = new Set<string>();
  for (const number of isSmall ? NUMBERS : [asJavaScript]) {
    const json = sortedJson(text, number);
    for (const form of isSmall ? FORM_NAMES : LIKELIEST) {
      const signed = `${time}.${FORMS[form](json)}`;
      if (tried.has(signed)) continue;
      tried.add(signed);
      const matches = keys.some((key) =>
        timingSafeEqual(createHmac('sha512', key).update(signed).digest(), digest),
      );
      if (matches) return form;
    }
  }
  return null;
}

/** Compares digests, so that neither length nor content shows in the time taken. */
export const matchesToken = (presented: string, tokens: readonly string[]): boolean =>
  tokens.some((token) => timingSafeEqual(sha256(token), sha256(presented)));

const sha256 = (text: string) => createHash('sha256').update(text).digest();
