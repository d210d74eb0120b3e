import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import {
  type BongloySandbox,
  type BongloySandboxOptions,
  startBongloySandbox,
} from '../../../src/providers/bongloy/sandbox/index.ts';

/** A simulator that is put away when the test ends. */
export async function start(options: BongloySandboxOptions = {}): Promise<BongloySandbox> {
  const sandbox = await startBongloySandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** Time that moves when told to, from the moment of the documents' samples. */
export function movableClock(start = Date.parse('2020-05-25T05:08:23.434Z')) {
  let now = start;
  return {
    now: () => now,
    advance(ms: number) {
      now += ms;
    },
  };
}

// oxlint-disable-next-line typescript/no-explicit-any -- a reply is judged by the assertion that reads it
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Undefined unless the body is JSON. */
  readonly body: Json;
}

export const ACCEPT_JSON_API = { accept: 'application/vnd.api+json' };

export async function call(url: string, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = /json/u.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}

export function postJson(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const type = { 'content-type': 'application/json' };
  return call(url, { method: 'POST', headers: { ...type, ...headers }, body: JSON.stringify(body) });
}

/** Reads as one cardholder: paths below `/connect/v1`. */
export function reader(sandbox: BongloySandbox, cardholder: string) {
  const { access_token } = sandbox.control.issueTokens({ cardholder });
  return (path: string, headers: Readonly<Record<string, string>> = ACCEPT_JSON_API) =>
    call(`${sandbox.url}/connect/v1${path}`, {
      headers: { authorization: `Bearer ${access_token}`, ...headers },
    });
}

/** A sample of the reference page. */
export function fixture(name: string): Json {
  return JSON.parse(readFileSync(new URL(`../../fixtures/bongloy/${name}.json`, import.meta.url), 'utf8'));
}

export function ids(answer: Answer): string[] {
  return answer.body.data.map((row: { id: string }) => row.id);
}

/** The query parameter of a link, or null for no link. */
export function cursor(link: string | null, name: 'after' | 'before'): string | null {
  return link === null ? null : new URL(link).searchParams.get(`page[${name}]`);
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A webhook endpoint that answers with the statuses in turn, the last one for ever. */
export async function receiver(...statuses: readonly [number, ...number[]]) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      response.writeHead(statuses[received.length - 1] ?? statuses.at(-1) ?? 500).end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/webhooks/bongloy`, received };
}
