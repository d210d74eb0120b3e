import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe } from 'vitest';
import { freePorts } from './free-ports.ts';
import { describeServers, startHeard } from './nats-members.ts';
import { createNatsProcess } from './nats-process.ts';
import { type Cut, NO_OTHER_WAY, startNatsRoutes } from './nats-routes.ts';
import { type Missing, withNeeds } from './needs.ts';
import { findProgram, program } from './program.ts';

const PROGRAM = findProgram('nats-server');

/** What the tests, `deploy/nats.conf` and a cluster need (docs/scaling.md); Debian 12's own is older. */
const NATS_SERVER = program('nats-server', '2.10.27');
/** One that takes atomic batches, which may stand beside the other. */
export const BATCHING_PROGRAM = findProgram('nats-server-new') ?? PROGRAM;
const BATCHING_NATS_SERVER = program(BATCHING_PROGRAM ?? 'nats-server', '2.12.2');

/** As `withProgram`; a test that fails prints what each server says of itself. */
export const withNatsServer = (suite: () => void): void => withServers(NATS_SERVER, suite);
/** As `withNatsServer`, for what a server does with atomic batches. */
export const withBatchingNatsServer = (suite: () => void): void => withServers(BATCHING_NATS_SERVER, suite);

/**
 * As `withNatsServer`, with the oldest server that a cluster may have and with a newer one, where both are installed.
 * @param suite gets the path of nats-server.
 */
export function withOldAndNewNatsServer(suite: (path: string) => void): void {
  describe('nats-server', () => {
    withServers(NATS_SERVER, () => suite(PROGRAM ?? ''));
  });
  if (BATCHING_PROGRAM === PROGRAM) return;
  describe('a newer nats-server', () => {
    withServers(BATCHING_NATS_SERVER, () => suite(BATCHING_PROGRAM ?? ''));
  });
}

const running = new Set<NatsCluster>();

const withServers = (need: Missing, suite: () => void): void =>
  withNeeds([need], () => {
    afterEach(async ({ task }) => {
      if (task.result?.state !== 'fail') return;
      for (const cluster of running) process.stdout.write(`\n${task.name}\n${await cluster.describe()}`);
    });
    suite();
  });

export interface NatsServer {
  readonly url: string;
  readonly name: string;
  /** What it keeps. */
  readonly folder: string;
  /** Also while it hangs. */
  readonly isRunning: boolean;
  /** The names of the connections that it has. */
  clients(): Promise<string[]>;
  /** How many subscriptions at this server get what is sent on that subject. */
  subscriptions(subject: string): Promise<number>;
  /** Kills it with -9; what it holds stays. */
  kill(): Promise<void>;
  /** Ends it with SIGTERM: it tells its clients, and hands over what it leads. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and the same data. Resolves when the others of its cluster hear from it. */
  restart(): Promise<void>;
  /** It stops in its tracks, and keeps its connections: to the others it looks like a network that was cut. */
  hang(): void;
  resume(): void;
}

export interface NatsCluster {
  /** Of all its servers. */
  readonly url: string;
  readonly servers: readonly NatsServer[];
  /** Cuts that server off from the others, while its clients keep it: see `NatsRoutes`. */
  cut(server: NatsServer, how: Cut): void;
  /** Everything is as it was: those that are down are started, those that hang go on, what was cut is joined. */
  mend(): Promise<void>;
  /** For people: who leads what, how far each copy is, and how each server's log ends. */
  describe(): Promise<string>;
  /** Ends every server and removes their data. */
  dispose(): Promise<void>;
}

/**
 * One server, or a cluster of three that hear each other, on free ports of the loopback, with JetStream; ready when this
 * resolves.
 * @param options of the command line, for each server.
 * @param how `severable`: its servers reach each other over relays, so that one can be cut off.
 * @param path of nats-server.
 */
export async function startNats(
  size: 1 | 3 = 1,
  options: readonly string[] = [],
  how: 'direct' | 'severable' = 'direct',
  path = PROGRAM ?? '',
): Promise<NatsCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-nats-'));
  const ports = await freePorts(size * 3);
  const names = Array.from({ length: size }, (_, n) => `n${n}`);
  const routes = names.map((_, n) => `nats://127.0.0.1:${ports[size + n]}`);
  const relays = how === 'severable' ? await startNatsRoutes(ports.slice(size, 2 * size)) : null;
  const processes = names.map((name, n) => {
    const clustering = [
      '--name',
      name,
      '--cluster_name',
      'mekong',
      '--cluster',
      routes[n] ?? '',
      '--routes',
      relays?.from(n) ?? routes.join(','),
      ...(relays ? NO_OTHER_WAY : []),
    ];
    return createNatsProcess({
      path,
      name,
      folder: join(folder, name),
      port: ports[n] ?? 0,
      monitorPort: ports[2 * size + n] ?? 0,
      options: [...options, ...(size > 1 ? clustering : [])],
    });
  });
  const servers = processes.map((server): NatsServer => {
    const { name, url } = server;
    return {
      name,
      url,
      folder: server.folder,

      get isRunning() {
        return server.isRunning;
      },

      async clients() {
        const { connections } = await server.monitor<{ connections: { name?: string }[] }>('/connz');
        return connections.map((connection) => connection.name ?? '');
      },

      async subscriptions(subject) {
        const query = new URLSearchParams({ acc: '$G', subs: 'true', test: subject });
        const { subscriptions_list } = await server.monitor<{ subscriptions_list?: unknown[] }>(
          `/subsz?${query}`,
        );
        return subscriptions_list?.length ?? 0;
      },

      kill: () => server.end('SIGKILL'),
      stop: () => server.end('SIGTERM'),
      hang: () => server.signal('SIGSTOP'),
      resume: () => server.signal('SIGCONT'),
      restart: () => (size > 1 ? startHeard(server, processes) : server.start()),
    };
  });
  await Promise.all(servers.map((server) => server.restart()));
  const cluster: NatsCluster = {
    url: `nats://${servers.map(({ url }) => url.slice('nats://'.length)).join(',')}`,
    servers,
    describe: () => describeServers(processes),
    cut(server, manner) {
      if (!relays) throw new Error('this cluster is not severable');
      relays.cut(names.indexOf(server.name), manner);
    },
    async mend() {
      relays?.heal();
      for (const server of servers) server.resume();
      await Promise.all(servers.filter((server) => !server.isRunning).map((server) => server.restart()));
    },
    async dispose() {
      running.delete(cluster);
      await Promise.all(servers.map((server) => server.kill()));
      await relays?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  running.add(cluster);
  return cluster;
}
