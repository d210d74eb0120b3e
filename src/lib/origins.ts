/**
 * Origins of pages (RFC 6454): what a browser sends as `Origin`, compared to the letter. A website has http or https; an app
 * that shows its own pages may have a scheme of its own: capacitor://localhost, ionic://localhost, tauri://localhost.
 */

/** In `CORS_ORIGINS`: every page of this machine, on whichever port. For developers. */
export const LOOPBACK_ORIGINS = 'loopback';

/** Scheme, host and perhaps a port. Extensions of Safari have capital letters in the place of the host. */
const APP_ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[\w.-]+(:\d+)?$/;
/** Their pages, if they have any, send `null`. */
const WITHOUT_ORIGIN = new Set(['about:', 'blob:', 'data:', 'file:', 'ftp:', 'javascript:', 'ws:', 'wss:']);

/** Whether a browser may send exactly this, or it is `loopback`. */
export function isOrigin(value: string): boolean {
  if (value === LOOPBACK_ORIGINS) return true;
  if (!URL.canParse(value)) return false;
  const { protocol, origin } = new URL(value);
  if (protocol === 'http:' || protocol === 'https:') return origin === value;
  return APP_ORIGIN.test(value) && !WITHOUT_ORIGIN.has(protocol);
}

/**
 * Whether a page of this origin comes unchanged: over TLS, from the app itself, or from the user's own machine, where names
 * that end with .localhost stay (RFC 6761 §6.3).
 */
export function isSafeOrigin(value: string): boolean {
  if (value === LOOPBACK_ORIGINS) return false;
  const { protocol, hostname } = new URL(value);
  return protocol !== 'http:' || isOfThisMachine(hostname);
}

/** @param origin as the request has it. @param allowed CORS_ORIGINS. */
export function isAllowedOrigin(origin: string | null | undefined, allowed: readonly string[]): boolean {
  if (!origin) return false;
  return allowed.includes(origin) || (allowed.includes(LOOPBACK_ORIGINS) && isLoopbackOrigin(origin));
}

/** @param hostname as URL has it. */
export const isLoopback = (hostname: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

const isOfThisMachine = (hostname: string): boolean =>
  isLoopback(hostname) || hostname.endsWith('.localhost');

function isLoopbackOrigin(origin: string): boolean {
  if (!/^https?:/.test(origin) || !isOrigin(origin)) return false;
  return isOfThisMachine(new URL(origin).hostname);
}
