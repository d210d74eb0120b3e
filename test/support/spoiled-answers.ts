import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** Changes a document that a provider answers, in place. @param path the request's, with its query. */
export type Spoil = (document: unknown, path: string) => void;

/**
 * How an answer comes to grief on its way: the connection is reset before it, or in its middle, or the body ends early
 * although the connection lives, or it is late by some milliseconds.
 */
export type Break = 'reset' | 'torn' | 'cut' | { readonly late: number };

/** Stands between the gateway and a simulator. */
export interface SpoiledAnswers {
  readonly url: string;
  /** From now on; null: answers come as they are. */
  spoil: Spoil | null;
  /** What happens to the answer of a request with that path; null: nothing. */
  breaks: ((path: string) => Break | null) | null;
  close(): Promise<void>;
}

/** @param upstream the simulator's URL. */
export async function startSpoiledAnswers(upstream: string): Promise<SpoiledAnswers> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const spoiled: SpoiledAnswers = {
    url: '',
    spoil: null,
    breaks: null,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url: path = '/' } = request;
    const body = method === 'GET' ? null : await bodyOf(request);
    const given = await fetch(`${upstream}${path}`, { method, headers: headersOf(request), body });
    const text = await given.text();
    const type = given.headers.get('content-type') ?? 'text/plain';
    const answered = spoiled.spoil && type.includes('json') ? spoiledText(text, path, spoiled.spoil) : text;
    await send(response, given.status, type, answered, spoiled.breaks?.(path) ?? null);
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(spoiled, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}

async function send(
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  how: Break | null,
): Promise<void> {
  const half = text.slice(0, text.length / 2);
  if (how === 'reset') {
    response.destroy();
    return;
  }
  if (how !== null && typeof how === 'object') await setTimeout(how.late);
  response.writeHead(status, { 'content-type': type });
  if (how === 'torn') response.write(half, () => response.destroy());
  else response.end(how === 'cut' ? half : text);
}

/** Without those of the connection. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const own = new Set(['host', 'connection', 'content-length', 'transfer-encoding', 'expect']);
  return Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => !own.has(name) && typeof value === 'string'),
  ) as Record<string, string>;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

function spoiledText(text: string, path: string, spoil: Spoil): string {
  const document: unknown = JSON.parse(text);
  spoil(document, path);
  return JSON.stringify(document);
}
