import type { IncomingMessage, ServerResponse } from 'node:http';
import { isAllowedOrigin } from '../lib/origins.ts';
import { acceptedTypes, NOT_UTF8 } from './accept.ts';
import { MAX_BODY, REFUSALS, type Refusal, refuse } from './refusals.ts';

/**
 * What browsers ask permission for before they send it to another site (a type of the Fetch standard's "simple" ones
 * they just send, and Yoga would take a form).
 */
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Refuses a request that another site makes a browser send, one whose answer the client could not read, and a body that
 * is not JSON, is compressed, does not tell its length, or is too large, before a byte of it is looked at; node:http
 * holds the client to the length that it told.
 * @returns whether the request was answered here.
 */
export function guard(
  request: IncomingMessage,
  response: ServerResponse,
  corsOrigins: readonly string[],
): boolean {
  const refusal = refusalOf(request, corsOrigins);
  if (refusal) {
    refuse(request, response, refusal);
    return true;
  }
  if (request.method === 'OPTIONS') {
    response.writeHead(204, REFUSALS.wrongMethod.headers).end();
    return true;
  }
  return false;
}

function refusalOf(request: IncomingMessage, corsOrigins: readonly string[]): Refusal | null {
  const { method, headers, url } = request;
  if (isForeign(headers, corsOrigins)) return REFUSALS.foreignSite;
  if (method === 'OPTIONS') return null;
  if (method !== 'GET' && method !== 'POST') return REFUSALS.wrongMethod;
  const accepted = acceptedTypes(headers.accept);
  if (accepted.length === 0) return REFUSALS.noType;
  // Yoga knows no weights, and looks for a type when the operation is done: it gets those that remain.
  headers.accept = accepted.join(', ');
  if (method === 'GET') return url?.includes('?') ? null : REFUSALS.noQuery;
  const { 'content-type': type = '', 'content-encoding': coding = 'identity' } = headers;
  if (!JSON_TYPE.test(type) || NOT_UTF8.test(type)) return REFUSALS.notJson;
  // Yoga knows one way to write it.
  headers['content-type'] = 'application/json';
  if (coding.toLowerCase() !== 'identity') return REFUSALS.encoded;
  const length = headers['content-length'];
  if (length === undefined) return REFUSALS.noLength;
  if (Number(length) > MAX_BODY) return REFUSALS.bodyTooLarge;
  return null;
}

/**
 * A page of another site, or an image on it, that a browser asks us for: browsers say so themselves (Fetch Metadata).
 * No cookie authenticates such a request, but it would count against the limits of the person who looks at the page.
 */
function isForeign(headers: IncomingMessage['headers'], corsOrigins: readonly string[]): boolean {
  const site = headers['sec-fetch-site']?.toLowerCase() ?? '';
  if (!site.includes('cross-site') && !site.includes('same-site')) return false;
  // Who follows a link or types the address sees GraphiQL, or nothing.
  if (headers['sec-fetch-mode'] === 'navigate') return false;
  return !isAllowedOrigin(headers.origin, corsOrigins);
}

/** A page that is neither of the host that it opens a socket to, nor of `CORS_ORIGINS`. Programs name no origin, or ours. */
export function isForeignSocket(
  { headers: { origin, host } }: IncomingMessage,
  corsOrigins: readonly string[],
): boolean {
  if (origin === undefined || isAllowedOrigin(origin, corsOrigins)) return false;
  return !URL.canParse(origin) || new URL(origin).host !== host;
}
