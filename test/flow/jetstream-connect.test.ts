import { describe, expect, test } from 'vitest';
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
