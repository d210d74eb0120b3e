import type { IncomingHttpHeaders } from 'node:http';
import type { Envelope } from '../wire.ts';

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

export function json(status: number, document: unknown, headers: Record<string, string> = {}): Reply {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(document) };
}

/** The account pages print `Successful`, the others `success` (§1). */
export function success(data: unknown, message = 'success'): Reply {
  return json(200, { error: 0, message, data } satisfies Envelope<unknown>);
}

/** An envelope that tells of an error; under 200 unless told (§3). */
export function failure(error: number, message: string, status = 200, headers = {}): Reply {
  return json(status, { error, message, data: null } satisfies Envelope<null>, headers);
}

export const unauthorized = (): Reply => failure(401, 'Unauthorized Access', 401);

/** Nothing is published for a request that makes no sense (§3): the simulator is strict, and says so by status. */
export const badRequest = (message: string): Reply => failure(400, message, 400);

/** The body as JSON; undefined if it is not. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** The media type without its parameters, in lower case. */
export function mediaType({ headers }: SandboxRequest): string {
  return (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** `Authorization`, taken apart; the scheme in lower case. Undefined without the header or without a scheme. */
export function authorization({
  headers,
}: SandboxRequest): { readonly scheme: string; readonly credential: string } | undefined {
  const groups = /^(?<scheme>\S+) +(?<credential>\S+)$/u.exec(headers.authorization ?? '')?.groups;
  const { scheme, credential } = groups ?? {};
  return scheme && credential ? { scheme: scheme.toLowerCase(), credential } : undefined;
}
