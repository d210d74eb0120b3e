import { randomUUID } from 'node:crypto';

/** What others may choose as an id; it ends in logs and headers. */
const SANE = /^[\w.:-]{1,64}$/;

/**
 * Names one request over HTTP, or one operation of a socket: in its log lines, in the answer's header, and in the header
 * of every call to a provider that is made for it. Handed on like the caller's abort; `AsyncLocalStorage` would hand
 * it on by itself, and costs every promise of the process a hook on Node.js 20.
 */
export const newRequestId = (): string => randomUUID();

/** The id that a client or proxy gave in `X-Request-Id`, when it is a sane one, else a new one. */
export const requestIdFrom = (given: string | readonly string[] | undefined): string =>
  typeof given === 'string' && SANE.test(given) ? given : newRequestId();
