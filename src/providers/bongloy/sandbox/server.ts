import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { MINUTE } from '../../../lib/duration.ts';
import { answer, answerWrongly } from './answer.ts';
import type { Faults } from './faults.ts';
import { notFound, type Reply, type SandboxRequest } from './message.ts';
import type { RequestLog } from './request-log.ts';

const MAX_BODY = 1024 * 1024;

/** What the socket serves. */
export interface SandboxHandlers {
  /** Undefined if the request is none of its own. Never disturbed by faults, never recorded. */
  readonly control: (request: SandboxRequest) => Promise<Reply | undefined>;
  /** Undefined if there is no such route. */
  readonly provider: (request: SandboxRequest) => Reply | Promise<Reply> | undefined;
  readonly faults: Faults;
  readonly log: RequestLog;
}

/** The socket: reads a request whole, has it answered, writes the answer or what a fault makes of it. */
export function createSandboxServer(handlers: SandboxHandlers): Server {
  const server = createServer((incoming, response) => {
    // The client may leave at any moment; without a listener, writing to it then would end the process.
    response.on('error', () => response.destroy());
    serve(incoming, response, handlers).catch(() => {
      if (response.headersSent) response.destroy();
      else answer(response, { status: 500, headers: {}, body: '' });
    });
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
  const note = () => {
    if (response.headersSent) record.status = response.statusCode;
  };
  response.once('close', () => {
    note();
    log.close(record);
  });
  const produce = async () => (await provider(request)) ?? notFound(request);
  const fault = faults.take(request.path);
  if (fault) await answerWrongly(fault, response, produce, closed.signal);
  else answer(response, await produce());
  // Before a client can know it, so that a test may look as soon as it has its answer.
  note();
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
