import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { GatewayError } from '../../src/domain/errors.ts';
import { type Budget, type CassoClient, createCassoClient } from '../../src/providers/casso/index.ts';
import type { Credential, ProviderCall } from '../../src/providers/provider.ts';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/create-upstream.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';

/** A literal sample of Casso's pages. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/casso/${name}.json`, import.meta.url), 'utf8');

/** Casso's envelope around `data`. */
export const envelope = (data: unknown, error = 0): string =>
  JSON.stringify({ error, message: error === 0 ? 'success' : 'SECRET-MESSAGE', data });

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Recorded {
  readonly method: string | undefined;
  /** Path and query exactly as they were on the wire. */
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real server that gives these answers in turn (the last one again and again) and remembers what it was asked. */
export async function casso(...answers: readonly Answer[]) {
  const requests: Recorded[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? {};
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body);
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { host, url: `http://${host}`, requests };
}

/** Each call is sent once unless the test asks for more. */
export function upstreamTo(baseUrl: string, options: Partial<UpstreamOptions> = {}): Upstream {
  const upstream = createUpstream({ name: 'Casso', baseUrl, retries: 0, ...options });
  onTestFinished(() => upstream.close());
  return upstream;
}

/** A client of a server that gives these answers. */
export async function clientOf(
  answers: readonly Answer[],
  { budget, ...options }: Partial<UpstreamOptions> & { readonly budget?: Budget } = {},
) {
  const server = await casso(...answers);
  const upstream = upstreamTo(server.url, options);
  const client: CassoClient = createCassoClient({ upstream, budget });
  return { client, ...server };
}

/** A client of a server that takes every request and answers none; `asked` resolves with the first one. */
export async function silentClient(options: Partial<UpstreamOptions> = {}) {
  const server = createServer();
  const asked = once(server, 'request');
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  const upstream = upstreamTo(`http://127.0.0.1:${port}`, options);
  return { client: createCassoClient({ upstream }), server, asked };
}

export const FIRST_TOKEN = 'Bearer first-token-5f1c';
export const SECOND_TOKEN = 'Bearer second-token-a2d9';

/** A grant that can be renewed as often as there are values; null afterwards. */
export function credential(...renewals: readonly string[]) {
  const left = [...renewals];
  const refused: string[] = [];
  const value: Credential = {
    provider: 'CASSO',
    id: 'grant-1',
    authorization: async () => FIRST_TOKEN,
    renew: async (authorization) => {
      refused.push(authorization);
      return left.shift() ?? null;
    },
  };
  return { value, refused };
}

export const never = (): AbortSignal => new AbortController().signal;

export const call = (fields: Partial<ProviderCall> = {}): ProviderCall => ({
  credential: credential().value,
  signal: never(),
  ...fields,
});

/** What a call that must not succeed was rejected with. */
export const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail('the call succeeded'),
    (error: unknown) => error,
  );

export async function refusal(promise: Promise<unknown>): Promise<GatewayError> {
  const error = await rejection(promise);
  if (!(error instanceof GatewayError)) throw error;
  return error;
}

/** Everything that a log could show of an error: its own words, its details, and its causes'. */
export function everythingSaid(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = error instanceof GatewayError ? JSON.stringify(error.details) : '';
  return [error.message, error.stack, details, everythingSaid(error.cause)].join('\n');
}
