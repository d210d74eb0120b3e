import type { IncomingHttpHeaders } from 'node:http';
import type { JsonApiErrors, OAuthError, RailsError } from '../wire.ts';

/** A request as the handlers see it; the socket has been dealt with. */
export interface SandboxRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type ErrorObject = JsonApiErrors['errors'][number];

const JSON_API = 'application/vnd.api+json; charset=utf-8';
const NOT_STORED = { 'cache-control': 'no-store', pragma: 'no-cache' };

export function jsonApi(status: number, document: unknown): Reply {
  return { status, headers: { 'content-type': JSON_API }, body: JSON.stringify(document) };
}

export function json(status: number, document: unknown, headers: Record<string, string> = {}): Reply {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(document) };
}

/** 400 for a query, 422 for a body (§3.1). */
export function errorDocument(status: 400 | 422, errors: readonly ErrorObject[]): Reply {
  return jsonApi(status, { errors } satisfies JsonApiErrors);
}

/** 401 has no body at all (§3.1). */
export function unauthorized(reason: string): Reply {
  return { status: 401, headers: { ...NOT_STORED, 'www-authenticate': challenge(reason) }, body: '' };
}

/** Rails' own page: JSON for whoever asks for JSON, HTML for everybody else (§3.1). */
export function notFound(request: SandboxRequest): Reply {
  return railsError(request, 404, 'Not Found');
}

export function badRequest(request: SandboxRequest): Reply {
  return railsError(request, 400, 'Bad Request');
}

export function oauthSuccess(document: unknown): Reply {
  return json(200, document, NOT_STORED);
}

export function oauthError(status: number, error: string, description: string): Reply {
  const document: OAuthError = { error, error_description: description };
  return json(status, document, { ...NOT_STORED, 'www-authenticate': challenge(description, error) });
}

/** The body as JSON; undefined if it is not. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The media type without its parameters, in lower case. */
export function mediaType(request: SandboxRequest): string {
  return (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The credential of `Authorization: Bearer`, if there is one. */
export function bearer(request: SandboxRequest): string | undefined {
  return /^bearer +(?<token>\S+)$/iu.exec(request.headers.authorization ?? '')?.groups?.['token'];
}

function railsError(request: SandboxRequest, status: number, error: string): Reply {
  if (/json/iu.test(request.headers.accept ?? '')) {
    return jsonApi(status, { status, error } satisfies RailsError);
  }
  const body = `<!DOCTYPE html><html><head><title>${error} (${status})</title></head><body>${error}</body></html>`;
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body };
}

function challenge(description: string, error = 'invalid_token'): string {
  return `Bearer realm="Doorkeeper", error="${error}", error_description="${description}"`;
}
