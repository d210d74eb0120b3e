import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { MINUTE } from '../../../lib/duration.ts';
import { answer, answerWrongly } from './answer.ts';
import type { Faults } from './faults.ts';
import type { Reply, SandboxRequest } from './message.ts';
import type { RequestLog } from './request-log.ts';

const MAX_BODY = 1024 * 1024;

/** What the socket serves. */
export interface SandboxHandlers {
  /** Undefined if the request is none of its own. Never disturbed by faults, never recorded. */
  readonly control: (request: SandboxRequest) => Promise<Reply | undefined>;
  readonly provider: (request: SandboxRequest) => Reply;
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** The socket: reads a request whole, has it answered, writes the answer or what a fault makes of it. */
export function createSandboxServer(handlers: SandboxHandlers): Server {
  const server = createServer((incoming, response) => {
    // A connection that broke, or a body that is too big: there is nobody left to tell.
    serve(incoming, response, handlers).catch(() => response.destroy());
  });
  // Longer than any client keeps an idle connection: a reset is a fault that somebody asked for.
  server.keepAliveTimeout = MINUTE;
  return server;
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  { control, provider, faults, log }: SandboxHandlers,
): Promise<void> {
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const request = await read(incoming);

  const controlled = await control(request);
  if (controlled) {
    answer(response, controlled);
    return;
  }

  const record = log.open(request);
  const fault = faults.take(request.path);
  try {
    if (fault) await answerWrongly(fault, response, () => provider(request), closed.signal);
    else answer(response, provider(request));
  } finally {
    log.close(record, response.headersSent ? response.statusCode : null);
  }
}

async function read(incoming: IncomingMessage): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RangeError('the body is too big');
    chunks.push(chunk);
  }
  const url = new URL(incoming.url ?? '/', 'http://sandbox');
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks).toString(),
  };
}
