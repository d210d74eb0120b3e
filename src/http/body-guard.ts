import type { IncomingMessage, ServerResponse } from 'node:http';
import { sendText } from './server.ts';

/** The largest GraphQL request body, in bytes. */
const MAX_BODY = 1024 * 1024;

/**
 * What browsers ask permission for before they send it to another site (a type of the Fetch standard's "simple" ones
 * they just send, and Yoga would take a form).
 */
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Refuses a body that is not JSON, does not tell its length, or is too large, before a byte of it is read; node:http
 * holds the client to the length that it told.
 * @returns whether the request was answered here.
 */
export function refuseBody(request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method !== 'POST') return false;
  if (!JSON_TYPE.test(request.headers['content-type'] ?? '')) {
    sendText(response, 415, 'Send JSON, with Content-Type: application/json.\n', { connection: 'close' });
    return true;
  }
  const length = request.headers['content-length'];
  if (length === undefined) {
    sendText(response, 411, 'Send a Content-Length.\n', { connection: 'close' });
    return true;
  }
  if (Number(length) > MAX_BODY) {
    sendText(response, 413, `The body may have ${MAX_BODY} bytes at most.\n`, { connection: 'close' });
    return true;
  }
  return false;
}
