import { once } from 'node:events';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { UpstreamFailure } from '../../src/upstream/errors.ts';
import { failure, get, listening, provider, rawProvider, upstreamTo } from './upstream-support.ts';

const noRetry = { retries: 0 };

describe('no answer', () => {
  test('is what a refused connection is', async () => {
    const server = createTcpServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await failure(upstreamTo(`http://127.0.0.1:${port}`, noRetry).request(get()))).toBe('no-answer');
  });

  test('is what a name that does not resolve is', async () => {
    expect(await failure(upstreamTo('http://casso.invalid', noRetry).request(get()))).toBe('no-answer');
  });

  test('is what a failed TLS handshake is', async () => {
    const tls = await listening(createTlsServer(), 'connection');
    const plain = await provider((_request, response) => response.end());
    for (const { url } of [tls, plain]) {
      const secure = upstreamTo(url.replace('http:', 'https:'), noRetry);
      expect(await failure(secure.request(get()))).toBe('no-answer');
    }
  });

  test('is what a connection is that closes before the headers', async () => {
    const server = await rawProvider((socket) => socket.once('data', () => socket.end('HTTP/1.1 200')));
    expect(await failure(upstreamTo(server.url, noRetry).request(get()))).toBe('no-answer');
  });

  test.each([
    ['a body shorter than its Content-Length', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nshort'],
    [
      'a short body on a connection that was to be closed',
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\nshort',
    ],
    ['a chunked body without its end', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nshort\r\n'],
    [
      'two different Content-Lengths',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nshort',
    ],
    ['something that is not HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
  ])('is what %s is', async (_name, bytes) => {
    const server = await rawProvider((socket) => socket.once('data', () => socket.end(bytes)));
    expect(await failure(upstreamTo(server.url, noRetry).request(get()))).toBe('no-answer');
  });
});

describe('late', () => {
  test('is what headers are that do not come in time', async () => {
    const server = await provider(() => undefined);
    const call = upstreamTo(server.url, { attemptTimeoutMs: 500 }).request(get());
    expect(await failure(call)).toBe('late');
    expect(server.requests).toHaveLength(1);
  });

  test('is what a body is that trickles, although every byte comes soon after the last', async () => {
    const server = await provider((_request, response) => {
      response.flushHeaders();
      const timer = setInterval(() => response.write('.'), 10);
      response.on('close', () => clearInterval(timer));
    });
    expect(await failure(upstreamTo(server.url, { attemptTimeoutMs: 100 }).request(get()))).toBe('late');
  });

  test('is what a connection is that is accepted, but whose TLS handshake never goes on', async () => {
    const server = await rawProvider(() => undefined);
    const secure = upstreamTo(server.url.replace('http:', 'https:'), { attemptTimeoutMs: 50 });
    const begun = performance.now();
    expect(await failure(secure.request(get()))).toBe('late');
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  test('is what a call is whose attempts are each in time, but not together', async () => {
    const server = await provider((_request, response) => {
      setTimeout(() => response.writeHead(503, { 'retry-after': '0' }).end(), 400);
    });
    const upstream = upstreamTo(server.url, { totalTimeoutMs: 1_000, retries: 9 });
    expect(await failure(upstream.request(get()))).toBe('late');
    expect(server.requests.length).toBeGreaterThan(1);
  });
});

const sending = (bytes: number, headers: Record<string, string> = {}) =>
  provider((_request, response) => response.writeHead(200, headers).end('x'.repeat(bytes)));

describe('wrong shape', () => {
  test('is what a body over the limit is, whether or not its length was announced', async () => {
    const announced = await sending(1001, { 'content-length': '1001' });
    const chunked = await sending(1001, { 'transfer-encoding': 'chunked' });
    for (const { url } of [announced, chunked]) {
      const upstream = upstreamTo(url, { maxResponseBytes: 1000 });
      expect(await failure(upstream.request(get()))).toBe('wrong-shape');
    }
    expect(announced.requests).toHaveLength(1);
  });

  test('is not what a body of exactly the limit is', async () => {
    const server = await sending(1000);
    const { body } = await upstreamTo(server.url, { maxResponseBytes: 1000 }).request(get());
    expect(body).toHaveLength(1000);
  });

  test('is what headers without end are', async () => {
    const server = await rawProvider((socket) =>
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`)),
    );
    expect(await failure(upstreamTo(server.url, noRetry).request(get()))).toBe('wrong-shape');
  });
});

test('a failure tells what happened, and nothing of what was sent or received', async () => {
  const server = await rawProvider((socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nprivate answer')),
  );
  const error: unknown = await upstreamTo(server.url, noRetry)
    .request(get({ headers: { authorization: 'Bearer private-token' } }))
    .catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(UpstreamFailure);
  const { message, cause } = error as UpstreamFailure;
  expect(message).toMatch(/^casso gave no whole answer \(\w+\)$/);
  expect(cause).toBeUndefined();
});
