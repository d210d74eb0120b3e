import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished } from 'vitest';
import { GatewayError } from '../../src/domain/errors.ts';
import type { Clock } from '../../src/lib/clock.ts';
import { type BongloyClient, createBongloyClient } from '../../src/providers/bongloy/index.ts';
import type { Credential, ProviderCall } from '../../src/providers/provider.ts';
import { createUpstream, type UpstreamOptions } from '../../src/upstream/create-upstream.ts';
import type { Upstream } from '../../src/upstream/upstream.ts';

export const MEDIA_TYPE = 'application/vnd.api+json';

/** A literal sample of the Connect reference. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`../fixtures/bongloy/${name}.json`, import.meta.url), 'utf8');

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
export async function bongloy(...answers: readonly Answer[]) {
  const requests: Recorded[] = [];
  const answerTo = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? {};
    response.writeHead(answer.status ?? 200, {
      'content-type': 'application/vnd.api+json; charset=utf-8',
      ...answer.headers,
    });
    response.end(answer.body);
  };
  const server = createServer((request, response) => void answerTo(request, response));
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
  const upstream = createUpstream({ name: 'Bongloy', baseUrl, retries: 0, ...options });
  onTestFinished(() => upstream.close());
  return upstream;
}

/** A client of a server that gives these answers. */
export async function clientOf(answers: readonly Answer[], clock?: Clock) {
  const server = await bongloy(...answers);
  const upstream = upstreamTo(server.url);
  const client: BongloyClient = createBongloyClient({ upstream, ...(clock && { clock }) });
  return { client, ...server };
}

export const FIRST_TOKEN = 'Bearer first-token-5f1c';
export const SECOND_TOKEN = 'Bearer second-token-a2d9';

/** A grant that can be renewed as often as there are values; null afterwards. */
export function credential(...renewals: readonly string[]) {
  const left = [...renewals];
  const refused: string[] = [];
  const value: Credential = {
    provider: 'BONGLOY',
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

/** What only a row's class reads. */
const OF_THE_CLASS = new Set(['constructor', 'attributes', 'accountCurrency', 'feeObjects']);

/** A value as plain objects: of a row its own members and those that its class makes when they are read. */
export function told(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(told);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const names = new Set<string>();
  for (let part = value; part && part !== Object.prototype; part = Object.getPrototypeOf(part))
    for (const name of Object.getOwnPropertyNames(part)) names.add(name);
  const isRow = Object.getPrototypeOf(value) !== Object.prototype;
  const members = [...names].filter((name) => !isRow || !OF_THE_CLASS.has(name));
  return Object.fromEntries(members.map((name) => [name, told(value[name as never])]));
}
