import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Changes a document that a provider answers, in place. @param path the request's, with its query. */
export type Spoil = (document: unknown, path: string) => void;

/** Stands between the gateway and a simulator. */
export interface SpoiledAnswers {
  readonly url: string;
  /** From now on; null: answers come as they are. */
  spoil: Spoil | null;
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
    response.writeHead(given.status, { 'content-type': type });
    response.end(spoiled.spoil && type.includes('json') ? spoiledText(text, path, spoiled.spoil) : text);
  }

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return Object.assign(spoiled, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
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
