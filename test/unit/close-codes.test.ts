import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSINGS } from '../../src/http/close-codes.ts';

test.each(Object.values(CLOSINGS))(
  '$code is as final for the client of graphql-ws as for us: $final',
  async ({ code, final }) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    let opened = 0;
    server.on('connection', (socket) => {
      opened += 1;
      socket.close(code);
    });
    const client = createClient({
      url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
      webSocketImpl: WebSocket,
      retryAttempts: 2,
      retryWait: () => Promise.resolve(),
    });
    const end = await new Promise((resolve) => {
      client.subscribe({ query: '{ __typename }' }, { next() {}, complete() {}, error: resolve });
    });
    expect(end).toMatchObject({ code });
    expect(opened).toBe(final ? 1 : 3);
    await client.dispose();
    server.close();
  },
);
