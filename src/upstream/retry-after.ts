/**
 * How long the server asks us to wait (RFC 9110 §10.2.3: whole seconds, or an HTTP date), in milliseconds from `now`;
 * 0 when that moment has passed, null when it does not say or cannot be read.
 * @param headers names in lower case.
 * @param now milliseconds since the epoch.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, now = Date.now()): number | null {
  const value = headers['retry-after']?.trim();
  if (!value) return null;
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  // All three forms of an HTTP date begin with a day's name; anything else would be guessed at by Date.parse.
  if (!/^[A-Z][a-z]{2,8},? /.test(value)) return null;
  const at = Date.parse(value.endsWith('GMT') ? value : `${value} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
