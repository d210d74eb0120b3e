import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, onTestFailed, onTestFinished } from 'vitest';
import { logIn } from '../../src/sandbox/login.ts';
import { type Child, killChildren } from './child.ts';
import { type Front, startFront } from './front.ts';
import { ask } from './gateway.ts';
import { type ProcessGateways, prepareGatewayProcesses } from './gateway-process.ts';
import { type Load, startLoad } from './load.ts';
import { type NatsCluster, type NatsServer, startNats } from './nats-server.ts';
import { ACTIVITY_EVENTS, BANK_EVENTS, overSse, overWebSocket } from './news.ts';
import { type Resuming, startResuming } from './resuming.ts';
import { within } from './within.ts';

const STREAM = 'MEKONG_EVENTS';
/** Webhooks a second, at most. */
export const RATE = 500;
/** Two servers may elect each other for ever: then the leader is started anew. */
const ELECTIONS = 4;
const MOST_ELECTIONS = 12;
/** Of a cluster that is in trouble, until it answers again, and of a subscriber, until it has all. In seconds. */
const PATIENCE = 60;

/** Of each gateway, when a test fails. */
const LOG_LINES = 40;

/** Two gateway processes behind a round-robin front, on a cluster of three. */
export interface GatewayCluster {
  readonly nats: NatsCluster;
  readonly gateways: ProcessGateways;
  /** The gateway processes, replaced by whoever starts another one. */
  readonly children: Child[];
  readonly front: Front;
  /** A leader and two that are up to date: one may fail. */
  isWhole(): Promise<void>;
  /** The server that leads the stream of events. */
  leader(): Promise<NatsServer>;
  /** The server that a gateway's connection goes to. */
  serverOf(child: Child): Promise<NatsServer>;
  /** Holds elections until a gateway's server leads the stream, or does not. @returns the gateway's index, and that server. */
  gatewayAt(role: 'leader' | 'follower'): Promise<{ readonly index: number; readonly server: NatsServer }>;
  /**
   * Load and subscribers while `trouble` is made; then every subscriber must have the full sequence. Begins with a cluster
   * that is whole, whatever the test before has left.
   */
  surviving(trouble: (progress: Progress) => Promise<void>): Promise<Subscribers>;
  close(): Promise<void>;
}

/** One at each gateway, two at the front of different transports, and one there with another query and viewer. */
export type Subscribers = readonly Resuming[];

/** Each @throws Error that says what is missing, when it does not come in time. */
export interface Progress {
  /** Resolves when so many more webhooks were acknowledged. */
  readonly acknowledged: (count: number) => Promise<void>;
  /** Resolves when every subscriber has all that was acknowledged until now. */
  readonly arrived: () => Promise<void>;
}

function missing(n: number, { handled, connections }: Resuming, ids: readonly string[]): string {
  const has = new Set(handled);
  const lacks = ids.filter((id) => !has.has(id));
  const some = lacks.slice(0, 3).join(', ');
  return `subscriber ${n} (${connections} connections) has ${handled.length}, lacks ${lacks.length} of ${ids.length}: ${some}`;
}

/** @param path of nats-server. */
export async function startGatewayCluster(
  path: string,
  how: 'direct' | 'severable',
): Promise<GatewayCluster> {
  const nats = await startNats(3, [], how, path);
  const gateways = await prepareGatewayProcesses({
    count: 2,
    env: { STORE_URL: nats.url, NATS_REPLICAS: '3' },
  });
  const children = await Promise.all(gateways.urls.map((_, index) => gateways.start(index)));
  const front = await startFront(gateways.urls);
  // One at each server: whichever of them is cut off, another one knows.
  const views = await Promise.all(
    nats.servers.map(({ url }) =>
      connect({ servers: url, maxReconnectAttempts: -1, ignoreClusterUpdates: true }),
    ),
  );
  const managers = await Promise.all(
    views.map((view) => jetstreamManager(view, { checkAPI: false, timeout: 1_500 })),
  );
  const operator = await gateways.operatorToken();
  const cardholder = await logIn({ ...gateways, app: { url: front.url } });
  const unfinished = new Set<Load>();
  let nextId = 10_000_000;

  const nodes = async (jsm: JetStreamManager) => (await jsm.streams.info(STREAM)).cluster;

  async function isWhole(): Promise<void> {
    const upToDate = async (jsm: JetStreamManager): Promise<number | undefined> => {
      const cluster = await nodes(jsm);
      const current = cluster?.replicas?.filter((replica) => replica.current && !replica.offline);
      return cluster?.leader ? current?.length : 0;
    };
    const look = () => Promise.all(managers.map((jsm) => upToDate(jsm).catch(() => 0)));
    await expect.poll(look, { timeout: 60_000 }).toEqual([2, 2, 2]);
  }

  async function leader(): Promise<NatsServer> {
    const names = await Promise.all(
      managers.map((jsm) =>
        nodes(jsm).then(
          (cluster) => cluster?.leader,
          () => undefined,
        ),
      ),
    );
    const found = nats.servers.find(({ name }) => names.includes(name));
    if (!found) throw new Error('the stream has no leader');
    return found;
  }

  async function serverOf({ pid }: Child): Promise<NatsServer> {
    for (const server of nats.servers) {
      if ((await server.clients()).some((name) => name.endsWith(` ${pid}`))) return server;
    }
    throw new Error('the gateway has no connection');
  }

  async function mend(): Promise<void> {
    await nats.mend();
    for (const [index, child] of children.entries()) {
      if (!child.isRunning) children[index] = await gateways.start(index);
    }
    await isWhole();
    await Promise.all([...unfinished].map((load) => load.stop()));
    unfinished.clear();
  }

  return {
    nats,
    gateways,
    children,
    front,
    isWhole,
    leader,

    serverOf,

    async gatewayAt(role) {
      for (let election = 1; election <= MOST_ELECTIONS; election += 1) {
        const [leading, ...servers] = await Promise.all([leader(), ...children.map(serverOf)]);
        const index = servers.findIndex((server) => (server === leading) === (role === 'leader'));
        const server = servers[index];
        if (server) return { index, server };
        if (election % ELECTIONS > 0) {
          await views[0]?.request(`$JS.API.STREAM.LEADER.STEPDOWN.${STREAM}`);
        } else {
          await leading.stop();
          await leading.restart();
        }
        await isWhole();
      }
      throw new Error(`no gateway came to be at a ${role}`);
    },

    async surviving(trouble) {
      onTestFailed(() => {
        for (const [n, { stderr }] of children.entries()) {
          process.stdout.write(`\ngateway ${n}\n${stderr.split('\n').slice(-LOG_LINES).join('\n')}`);
        }
      });
      await mend();
      const { data } = await ask<{ eventCursor: string }>(front.url, '{ eventCursor }', {}, operator);
      const after = data?.eventCursor ?? '';
      const bank = { after, query: BANK_EVENTS, token: operator, storeMayBeAway: true };
      const [one = '', other = ''] = gateways.urls;
      const subscribers = [
        startResuming({ ...bank, url: one, transport: overWebSocket }),
        startResuming({ ...bank, url: other, transport: overSse }),
        startResuming({ ...bank, url: front.url, transport: overWebSocket }),
        startResuming({ ...bank, url: front.url, transport: overSse }),
        startResuming({
          ...bank,
          url: front.url,
          transport: overWebSocket,
          query: ACTIVITY_EVENTS,
          token: cardholder,
        }),
      ];
      const load = startLoad({ url: front.url, perSecond: RATE, firstId: nextId });
      nextId += 100_000_000;
      unfinished.add(load);
      onTestFinished(async () => {
        void load.stop();
        await Promise.allSettled(subscribers.map((subscriber) => subscriber.stop()));
      });
      const acknowledged = (count: number) => {
        const wanted = load.ids.length + count;
        const howFar = () => `${load.ids.length} of ${wanted} webhooks were acknowledged`;
        return within(PATIENCE, howFar, load.acknowledged(count));
      };
      const arrived = async () => {
        const ids = [...load.ids];
        await Promise.all(
          subscribers.map((subscriber, n) =>
            within(PATIENCE, () => missing(n, subscriber, ids), subscriber.has(ids)),
          ),
        );
      };
      const begun = performance.now();
      await acknowledged(RATE);
      const perSecond = Math.round((1_000 * RATE) / (performance.now() - begun));
      process.stdout.write(`${perSecond} webhooks acknowledged a second, of ${RATE} at most\n`);
      await trouble({ acknowledged, arrived });
      const stopping = load.stop();
      const writers = await within(PATIENCE, () => 'a webhook was never acknowledged', stopping);
      unfinished.delete(load);
      await arrived();

      const sent = writers.flat();
      const [order = []] = subscribers.map(({ handled }) => handled);
      expect(new Set(order).size, 'none twice').toBe(order.length);
      expect(order.toSorted()).toEqual(sent.toSorted());
      for (const { handled } of subscribers) expect(handled).toEqual(order);
      // What a writer sent after its last delivery was acknowledged stands behind it.
      for (const ids of writers) {
        const own = new Set(ids);
        expect(order.filter((id) => own.has(id))).toEqual(ids);
      }
      return subscribers;
    },

    async close() {
      killChildren();
      await Promise.all(views.map((view) => view.close()));
      await front.close();
      await gateways.remove();
      await nats.dispose();
    },
  };
}
