import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { connectionOptions, connectNats } from '../../src/store/nats.ts';
import { startNats, withNatsServer } from '../support/nats-server.ts';

const logger = createLogger('silent');

describe('a NATS URL', () => {
  test('names the servers of one cluster, and a user with a percent-encoded password', () => {
    expect(connectionOptions({ url: 'nats://shop:p%40ss%3A%2F@h1:4222,h2:4222' })).toMatchObject({
      servers: ['h1:4222', 'h2:4222'],
      user: 'shop',
      pass: 'p@ss:/',
      maxReconnectAttempts: -1,
    });
  });

  test('may hold a token, or nobody', () => {
    expect(connectionOptions({ url: 'nats://s3cret@h1' })).toMatchObject({
      servers: ['h1'],
      token: 's3cret',
    });
    expect(connectionOptions({ url: 'nats://[::1]:4222/' })).toMatchObject({ servers: ['[::1]:4222'] });
    expect(connectionOptions({ url: 'nats://h1' })).not.toHaveProperty('tls');
  });

  test('insists on TLS when its scheme says so, or a certificate is given', () => {
    expect(connectionOptions({ url: 'tls://h1' }).tls).toEqual({});
    expect(connectionOptions({ url: 'nats://h1', caFile: 'ca.pem' }).tls).toEqual({ caFile: 'ca.pem' });
    expect(connectionOptions({ url: 'nats://h1', certificateFile: 'me.pem', keyFile: 'me.key' }).tls).toEqual(
      { certFile: 'me.pem', keyFile: 'me.key' },
    );
  });

  test.each(['h1:4222', 'nats://', 'nats://h1,,h2', 'http://h1', 'nats://u:p@', 'nats://u:p@h1?x=1'])(
    'of another form is refused without repeating it: %s',
    (url) => {
      expect(() => connectionOptions({ url })).toThrow(
        'a NATS URL looks like nats://user:pass@host1:4222,host2:4222',
      );
    },
  );
});

describe('a server whose version is 2.9.10', () => {
  test('is taken where it is the only one that keeps anything', async () => {
    const nats = await connectNats({ url: await startGreeter('2.9.10'), logger });
    expect(nats.isConnected).toBe(true);
    await nats.close();
  });

  test('is refused where several keep the same, and what to do is said', async () => {
    const url = await startGreeter('2.9.10');
    await expect(connectNats({ url, replicas: 3, logger })).rejects.toThrow(
      /^nats-server 2\.9\.10 at .* may lose acknowledged events .* \(NATS_REPLICAS=3\): update every server of the cluster to 2\.10\.27 or newer\.$/,
    );
  });

  test.each(['2.10.27', '2.11.4', '2.100.0', '3.0.0'])(
    'is not refused when it is newer: %s',
    async (version) => {
      const nats = await connectNats({ url: await startGreeter(version), replicas: 3, logger });
      await nats.close();
    },
  );
});

/** One that says hello, of any version, and nothing else. */
async function startGreeter(version: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (data) => {
      if (String(data).includes('PING')) socket.write('PONG\r\n');
    });
    const info = {
      server_id: 'N',
      version,
      proto: 1,
      headers: true,
      max_payload: 1_048_576,
      jetstream: true,
    };
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

withNatsServer(() => {
  test('a server that is not there stops the start with its address, never with the password', async () => {
    const cluster = await startNats();
    const [server] = cluster.servers;
    const host = cluster.url.slice('nats://'.length);
    await server?.kill();
    const failure = connectNats({ url: `nats://shop:s3cret@${host}`, logger });
    await expect(failure).rejects.toThrow(`NATS cannot be reached at ${host}`);
    await expect(failure).rejects.not.toThrow('s3cret');
    await cluster.dispose();
  });

  test('a connection can be closed while the server is away', async () => {
    const cluster = await startNats();
    const nats = await connectNats({ url: cluster.url, logger });
    const lost = new Promise<void>((resolve) => nats.onDisconnect(resolve));
    await cluster.servers[0]?.kill();
    await lost;
    await nats.close();
    expect(nats.connection.isClosed()).toBe(true);
    await cluster.dispose();
  });
});
