import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../src/lib/clock.ts';
import {
  type CassoSandbox,
  type CassoSandboxOptions,
  SANDBOX_BUSINESSES,
  startCassoSandbox,
} from '../../../src/providers/casso/sandbox/index.ts';

/** Half past twelve in Vietnam, on a Monday. */
export const NOW = Date.parse('2025-03-10T05:30:00Z');

export function clockAt(time: number): Clock & { time: number } {
  return {
    time,
    now() {
      return this.time;
    },
  };
}

export async function start(options: CassoSandboxOptions = {}): Promise<CassoSandbox> {
  const sandbox = await startCassoSandbox({ clock: clockAt(NOW), webhookBaseWait: 1, ...options });
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- the documents under test, read member by member
  readonly body: any;
}

const apiKey = (name: keyof typeof SANDBOX_BUSINESSES) => ({
  authorization: `Apikey ${SANDBOX_BUSINESSES[name].apiKey}`,
});

/** Calls the API as this business; other headers in the place of its key, if given. */
export async function call(
  { url }: CassoSandbox,
  name: keyof typeof SANDBOX_BUSINESSES,
  route: string,
  { body, headers = apiKey(name) }: { body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const json = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...json,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** One of the documents' literal samples. */
export function sample(name: string) {
  return JSON.parse(readFileSync(new URL(`../../fixtures/casso/${name}.json`, import.meta.url), 'utf8'));
}

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- the documents under test, read member by member
  readonly body: any;
}

/** A webhook endpoint on a free port; answers with these one after the other, then with `{"success":true}`. */
export async function endpoint(...answers: readonly { status: number; body?: string }[]) {
  const received: Received[] = [];
  const arrivals = new EventEmitter();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const answer = answers[received.length] ?? { status: 200, body: '{"success":true}' };
      received.push({ headers: request.headers, text: body, body: JSON.parse(body) });
      response.writeHead(answer.status).end(answer.body);
      arrivals.emit('arrival');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/casso`,
    received,
    /** What came, if it is one delivery. */
    only(): Received {
      const [first, ...others] = received;
      if (!first || others.length > 0) throw new Error(`${received.length} deliveries came`);
      return first;
    },
    /** Resolves when so many have come. */
    async arrived(count: number): Promise<void> {
      while (received.length < count) await once(arrivals, 'arrival');
    },
  };
}
