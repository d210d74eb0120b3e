import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

/**
 * Names one request over HTTP, or one operation of a socket: in its log lines, in the answer's header, and in the
 * header of every call to a provider that is made for it. It is ambient, as every layer logs and none of them has
 * another use for it; what is shared between operations carries the id of the one that began it.
 */
const current = new AsyncLocalStorage<string>();

/** Runs the work, and all that it leads to, under this id. */
export const withRequestId = <T>(id: string, work: () => T): T => current.run(id, work);

/** Undefined outside of a request: while starting, and in rounds of work that nobody asked for. */
export const currentRequestId = (): string | undefined => current.getStore();

/** What others may choose as an id; it ends in logs and headers. */
const SANE = /^[\w.:-]{1,64}$/;

/** The id that a client or proxy gave in `X-Request-Id`, when it is a sane one, else a new one. */
export const requestIdFrom = (given: string | readonly string[] | undefined): string =>
  typeof given === 'string' && SANE.test(given) ? given : randomUUID();
