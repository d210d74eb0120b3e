import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAllowedOrigin } from '../lib/origins.ts';
import { sendText } from './server.ts';

/** The largest GraphQL request body, in bytes. */
const MAX_BODY = 1024 * 1024;

/**
 * What browsers ask permission for before they send it to another site (a type of the Fetch standard's "simple" ones
 * they just send, and Yoga would take a form).
 */
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Refuses a request that another site makes a browser send, and a body that is not JSON, is compressed, does not tell
 * its length, or is too large, before a byte of it is read; node:http holds the client to the length that it told.
 * @returns whether the request was answered here.
 */
export function refuseBody(
  request: IncomingMessage,
  response: ServerResponse,
  corsOrigins: readonly string[],
): boolean {
  const refusal = refusalOf(request, corsOrigins);
  if (!refusal) return false;
  const [status, text] = refusal;
  sendText(response, status, `${text}\n`, { connection: 'close' });
  return true;
}

function refusalOf(
  { method, headers }: IncomingMessage,
  corsOrigins: readonly string[],
): readonly [status: number, text: string] | null {
  if (isForeign(headers, corsOrigins)) {
    return [403, 'This site may not ask here: add its origin to CORS_ORIGINS.'];
  }
  if (method !== 'POST') return null;
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) {
    return [415, 'Send JSON, with Content-Type: application/json.'];
  }
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    return [415, 'Send the body as it is, without Content-Encoding.'];
  }
  const length = headers['content-length'];
  if (length === undefined) return [411, 'Send a Content-Length.'];
  if (Number(length) > MAX_BODY) return [413, `The body may have ${MAX_BODY} bytes at most.`];
  return null;
}

/**
 * A page of another site, or an image on it, that a browser asks us for: browsers say so themselves (Fetch Metadata).
 * No cookie makes such a request anybody's, but it would count for whoever looks at the page.
 */
function isForeign(headers: IncomingMessage['headers'], corsOrigins: readonly string[]): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== 'cross-site' && site !== 'same-site') return false;
  // Somebody who follows a link or types the address sees GraphiQL, or nothing.
  if (headers['sec-fetch-mode'] === 'navigate') return false;
  return !isAllowedOrigin(headers.origin, corsOrigins);
}
