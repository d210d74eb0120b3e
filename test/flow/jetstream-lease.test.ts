import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats, type Nats } from '../../src/store/nats.ts';
import { openBucket } from '../../src/store/nats-bucket.ts';
import { createLeases } from '../../src/store/nats-lease.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

const HOLD = 600;

withNatsServer(() => {
  describe('a lease', () => {
    let cluster: NatsCluster;
    let connections: Nats[];
    /** Who works: what began and ended, in order. */
    let book: string[];
    beforeEach(async () => {
      cluster = await startNats();
      connections = [];
      book = [];
    });
    afterEach(async () => {
      await Promise.all(connections.map((nats) => nats.close()));
      await cluster.dispose();
    });

    /** A gateway that works for as long as it may. */
    async function startWorker(name: string) {
      const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
      connections.push(nats);
      const leases = createLeases({
        bucket: await openBucket({ nats, name: 'state', replicas: 1 }),
        hold: HOLD,
      });
      const stopping = new AbortController();
      const over = leases.withLease('work', stopping.signal, async (signal) => {
        book.push(`${name} begins`);
        if (!signal.aborted) await once(signal, 'abort');
        book.push(`${name} ends`);
      });
      return {
        nats,
        async stop() {
          stopping.abort();
          await over;
        },
      };
    }
    test('that is taken as the gateway stops is free again, and holds the end up no longer', async () => {
      const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
      connections.push(nats);
      const bucket = await openBucket({ nats, name: 'state', replicas: 1 });
      const stopping = new AbortController();
      const write: typeof bucket.write = async (...entry) => {
        const revision = await bucket.write(...entry);
        stopping.abort();
        return revision;
      };
      const leases = createLeases({ bucket: { ...bucket, write }, hold: HOLD });
      await leases.withLease('work', stopping.signal, async (signal) => {
        if (!signal.aborted) await once(signal, 'abort');
      });
      expect(await bucket.get('work')).toMatchObject({ value: '' });
    });

    async function bookHas(line: string): Promise<void> {
      await expect.poll(() => book, { timeout: 10_000 }).toContain(line);
    }

    test('lets one work at a time, and goes to another when it is let go', async () => {
      const a = await startWorker('a');
      await bookHas('a begins');
      const b = await startWorker('b');
      await a.stop();
      await bookHas('b begins');
      await b.stop();
      expect(book).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    });

    test('goes to another when its holder is cut off, who has stopped by then', async () => {
      const a = await startWorker('a');
      await bookHas('a begins');
      const b = await startWorker('b');
      await a.nats.connection.close();
      await bookHas('b begins');
      await b.stop();
      await a.stop();
      expect(book).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    });

    test('is taken again after the server was away for longer than it holds', async () => {
      const a = await startWorker('a');
      await bookHas('a begins');
      await cluster.servers[0]?.kill();
      await bookHas('a ends');
      await cluster.servers[0]?.restart();
      await expect.poll(() => book, { timeout: 10_000 }).toHaveLength(3);
      await a.stop();
      expect(book).toEqual(['a begins', 'a ends', 'a begins', 'a ends']);
    });

    test('ends with its work, and passes its failure on', async () => {
      const nats = await connectNats({ url: cluster.url, logger: createLogger('silent') });
      connections.push(nats);
      const leases = createLeases({ bucket: await openBucket({ nats, name: 'state', replicas: 1 }) });
      const { signal } = new AbortController();
      await leases.withLease('work', signal, async () => void book.push('done'));
      const failing = leases.withLease('work', signal, () => Promise.reject(new Error('broken')));
      await expect(failing).rejects.toThrow('broken');
      await leases.withLease('work', signal, async () => void book.push('done again'));
      expect(book).toEqual(['done', 'done again']);
    });
  });
});
