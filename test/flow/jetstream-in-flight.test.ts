import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bankEvents, keysOf, readAll } from '../support/events.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import { openPeer } from './jetstream-support.ts';

const STREAM = 'EVENTS';
const MOST = 256;

withNatsServer(() => {
  let cluster: NatsCluster;
  beforeAll(async () => {
    cluster = await startNats();
  });
  afterAll(() => cluster.dispose());

  test('a thousand appends at once: never more than 256 wait for their acknowledgement, and all are kept', async () => {
    const way = await openWatchedWay(cluster.url);
    onTestFinished(() => way.close());
    const peer = await openPeer(way.url, STREAM);
    const events = bankEvents(1_000);
    const appending = Promise.all(events.map((event) => peer.log.append([event])));
    await way.full;
    const results = await appending;
    expect(way.mostInFlight()).toBe(MOST);
    expect(results.flat().filter(({ duplicate }) => duplicate)).toEqual([]);
    expect(keysOf(await readAll(peer.log, 0)).toSorted()).toEqual(keysOf(events).toSorted());
    await peer.close();
  });
});

/** A way to the server that holds back its answers from the first event on until 256 are in flight, and counts. */
async function openWatchedWay(url: string) {
  const { hostname, port } = new URL(url);
  let inFlight = 0;
  let most = 0;
  let tellFull = (): void => {};
  const full = new Promise<void>((resolve) => {
    tellFull = resolve;
  });
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const events = counter(`HPUB ${STREAM}.`);
    const acknowledgements = counter(`{"stream":"${STREAM}",`);
    near.on('data', (data) => {
      const sent = events(data);
      inFlight += sent;
      most = Math.max(most, inFlight);
      if (sent > 0 && most < MOST) far.pause();
      if (most >= MOST) {
        far.resume();
        tellFull();
      }
      far.write(data);
    });
    far.on('data', (data) => {
      inFlight -= acknowledgements(data);
      near.write(data);
    });
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    for (const end of [near, far]) end.on('error', () => end.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    full,
    mostInFlight: () => most,
    close: () => void server.close(),
  };
}

/** How often that text came since it was asked before, also where it was cut in two. */
function counter(text: string): (data: Buffer) => number {
  let rest = '';
  return (data) => {
    const parts = (rest + data.toString('latin1')).split(text);
    rest = parts.at(-1)?.slice(1 - text.length) ?? '';
    return parts.length - 1;
  };
}
