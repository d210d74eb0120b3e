import { createHmac } from 'node:crypto';

/** How a body is written before it is signed: as JavaScript does, or as PHP does (§6.4). */
export type SignedForm = 'javascript' | 'php';

/**
 * `X-Casso-Signature` of an envelope (§6.2): HMAC-SHA512 over `t`, a dot, and the envelope with the keys of every
 * object sorted. `t` is in milliseconds since the epoch.
 */
export function cassoSignature(
  envelope: object,
  key: string,
  t: number,
  form: SignedForm = 'javascript',
): string {
  const text = JSON.stringify(sorted(envelope));
  const signed = `${t}.${form === 'php' ? phpEscaped(text) : text}`;
  return `t=${t},v1=${createHmac('sha512', key).update(signed).digest('hex')}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, sorted(member)]));
}

/** `json_encode` without flags: `/` and everything beyond ASCII is escaped, by UTF-16 unit. */
function phpEscaped(text: string): string {
  return text
    .replaceAll('/', String.raw`\/`)
    .replaceAll(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
