import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { ErrorCode } from '../domain/errors.ts';

/** What HTTP says of a request that got no data at all; every other code is the client's to mend: 400. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  RATE_LIMITED: 429,
  UPSTREAM_REJECTED: 502,
  UPSTREAM_UNAVAILABLE: 502,
  UPSTREAM_TIMEOUT: 504,
  INTERNAL_SERVER_ERROR: 500,
};

/** These hold for every client; with the others, one that does not take GraphQL's own media type gets 200. */
const ALWAYS: ReadonlySet<unknown> = new Set<ErrorCode>(['RATE_LIMITED', 'INTERNAL_SERVER_ERROR']);

/** Tells Yoga, which takes whatever it does not know for a fault of ours, and takes the note away again. */
export function useStatus(): Plugin {
  return {
    onResultProcess({ result }) {
      if (Array.isArray(result) || isAsyncIterable(result) || 'data' in result) return;
      for (const { extensions } of result.errors ?? []) {
        if (extensions['http']) continue;
        const code = extensions['code'] as ErrorCode;
        const seconds = extensions['retryAfterSeconds'];
        extensions['http'] = {
          spec: !ALWAYS.has(code),
          status: STATUS[code] ?? 400,
          headers: typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {},
        };
      }
    },
  };
}
