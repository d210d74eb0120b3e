import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAllowedOrigin } from '../lib/origins.ts';

/** What a page may read of an answer beside its body. */
const EXPOSED = ['X-Request-Id', 'Retry-After', 'WWW-Authenticate', 'Allow'].join(', ');

/** How long a browser may keep the answer to a preflight, in seconds: as long as Chrome does at most. */
const MAX_AGE = '7200';

/**
 * Lets pages of those origins read every answer, whatever makes it: to be called before any handler is.
 * @returns whether the request was a preflight, which is answered then.
 */
export function allowPages(
  request: IncomingMessage,
  response: ServerResponse,
  corsOrigins: readonly string[],
): boolean {
  if (corsOrigins.length === 0) return false;
  // Also where no origin was named: a cache may not hand that answer to a page.
  response.setHeader('vary', 'Origin');
  const { headers } = request;
  const { origin } = headers;
  if (origin === undefined || !isAllowedOrigin(origin, corsOrigins)) return false;
  response.setHeader('access-control-allow-origin', origin);
  const method = headers['access-control-request-method'];
  if (request.method !== 'OPTIONS' || method === undefined) {
    response.setHeader('access-control-expose-headers', EXPOSED);
    return false;
  }
  // Whatever is asked: what is not allowed is refused in words, which the page can read only if it may ask.
  const names = headers['access-control-request-headers'];
  response
    .writeHead(204, {
      vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
      'access-control-allow-methods': method,
      ...(names !== undefined && { 'access-control-allow-headers': names }),
      'access-control-max-age': MAX_AGE,
    })
    .end();
  return true;
}
