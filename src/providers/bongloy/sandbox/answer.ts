import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from './faults.ts';
import type { Reply } from './message.ts';

type Produce = () => Promise<Reply>;

const HTML = '<!DOCTYPE html><html><body><h1>We are sorry, but something went wrong.</h1></body></html>';
const CHUNK = Buffer.alloc(64 * 1024, ' ');

/** Writes a whole reply and ends it. */
export function answer(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) });
  response.end(reply.body);
}

/**
 * Answers as the fault says; `produce` runs the request and is called only by the kinds in which it takes effect.
 * Rejects with an AbortError when the signal, which follows the connection, ends a wait.
 */
export async function answerWrongly(
  fault: Fault,
  response: ServerResponse,
  produce: Produce,
  signal: AbortSignal,
): Promise<void> {
  switch (fault.kind) {
    case 'hang':
      return;
    case 'delay':
      await sleep(fault.ms, undefined, { signal });
      answer(response, await produce());
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'reset-mid-body':
      await halfThen(response, await produce(), () => response.socket?.resetAndDestroy());
      return;
    case 'status': {
      const headers = fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) };
      answer(response, { status: fault.code, headers, body: '' });
      return;
    }
    case 'html':
      answer(response, {
        status: fault.code,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: HTML,
      });
      return;
    case 'truncated-json': {
      const reply = await produce();
      answer(response, { ...reply, body: half(reply.body) });
      return;
    }
    case 'wrong-shape':
      answer(response, {
        ...(await produce()),
        status: 200,
        body: '{"data":{"id":7,"type":[]},"access_token":7}',
      });
      return;
    case 'wrong-content-length':
      await halfThen(response, await produce(), () => response.socket?.destroySoon());
      return;
    case 'huge-body':
      await hugeBody(response, await produce(), fault.bytes, signal);
      return;
    case 'slow-body':
      await slowBody(response, await produce(), fault.ms, signal);
      return;
  }
}

/** Announces the whole body, sends half of it, and hands the connection over once that is on its way. */
async function halfThen(response: ServerResponse, reply: Reply, end: () => void): Promise<void> {
  response.writeHead(reply.status, { ...reply.headers, 'content-length': Buffer.byteLength(reply.body) + 1 });
  await new Promise<void>((resolve) => {
    response.write(half(reply.body), () => resolve());
  });
  end();
}

async function hugeBody(
  response: ServerResponse,
  reply: Reply,
  bytes: number,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, reply.headers);
  response.write('{"data":[');
  for (let sent = 0; sent < bytes; sent += CHUNK.length) {
    signal.throwIfAborted();
    if (!response.write(CHUNK)) await once(response, 'drain', { signal });
  }
  response.end(']}');
}

async function slowBody(
  response: ServerResponse,
  reply: Reply,
  ms: number,
  signal: AbortSignal,
): Promise<void> {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length });
  response.flushHeaders();
  for (let index = 0; index < body.length; index += 1) {
    await sleep(ms, undefined, { signal });
    response.write(body.subarray(index, index + 1));
  }
  response.end();
}

function half(body: string): string {
  return body.slice(0, Math.floor(body.length / 2));
}
