import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { type Cut, NO_OTHER_WAY, startNatsRoutes } from './nats-routes.ts';
import { withNeeds } from './needs.ts';
import { findProgram, program } from './program.ts';

const PROGRAM = findProgram('nats-server');

/** What the tests, `deploy/nats.conf` and a cluster need (docs/scaling.md); Debian 12's own is older. */
const NATS_SERVER = program('nats-server', '2.10.27');
/** One that takes atomic batches, which may stand beside the other. */
export const BATCHING_PROGRAM = findProgram('nats-server-new') ?? PROGRAM;
const BATCHING_NATS_SERVER = program(BATCHING_PROGRAM ?? 'nats-server', '2.12.2');

/** As `withProgram`. */
export const withNatsServer = (suite: () => void): void => withNeeds([NATS_SERVER], suite);
/** As `withProgram`, for what a server does with atomic batches. */
export const withBatchingNatsServer = (suite: () => void): void => withNeeds([BATCHING_NATS_SERVER], suite);

export interface NatsServer {
  readonly url: string;
  readonly name: string;
  /** What it keeps. */
  readonly folder: string;
  /** Also while it hangs. */
  readonly isRunning: boolean;
  /** The names of the connections that it has. */
  clients(): Promise<string[]>;
  /** Kills it with -9; what it holds stays. */
  kill(): Promise<void>;
  /** Ends it with SIGTERM: it tells its clients, and hands over what it leads. */
  stop(): Promise<void>;
  /** Starts it again, on the same port and the same data. */
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
  /** Ends every server and removes their data. */
  dispose(): Promise<void>;
}

/**
 * One server, or a cluster of three, on free ports of the loopback, with JetStream; ready when this resolves.
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
  const nodes = names.map((name, n) => {
    const clustering = [
      '--cluster_name',
      'mekong',
      '--cluster',
      routes[n] ?? '',
      '--routes',
      relays?.from(n) ?? routes.join(','),
      ...(relays ? NO_OTHER_WAY : []),
    ];
    const port = ports[n] ?? 0;
    const monitor = ports[2 * size + n] ?? 0;
    const where = ['-a', '127.0.0.1', '-p', String(port), '-m', String(monitor)];
    const store = join(folder, name);
    const alone = [...where, '-js', '-sd', store, ...options];
    const args = size > 1 ? [...alone, '--name', name, ...clustering] : alone;
    return createServerProcess({ path, name, folder: store, port, monitor, args });
  });
  await Promise.all(nodes.map((node) => node.restart()));
  return {
    url: `nats://${nodes.map(({ url }) => url.slice('nats://'.length)).join(',')}`,
    servers: nodes,
    cut(server, manner) {
      if (!relays) throw new Error('this cluster is not severable');
      relays.cut(names.indexOf(server.name), manner);
    },
    async mend() {
      relays?.heal();
      for (const node of nodes) node.resume();
      await Promise.all(nodes.filter((node) => !node.isRunning).map((node) => node.restart()));
    },
    async dispose() {
      await Promise.all(nodes.map((node) => node.kill()));
      await relays?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface ServerProcess {
  readonly path: string;
  readonly name: string;
  readonly folder: string;
  readonly port: number;
  readonly monitor: number;
  readonly args: readonly string[];
}

function createServerProcess({ path, name, folder, port, monitor, args }: ServerProcess): NatsServer {
  let child: ChildProcess | null = null;
  const isRunning = (): boolean => child?.exitCode === null && child.signalCode === null;

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child || !isRunning()) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  return {
    name,
    folder,
    url: `nats://127.0.0.1:${port}`,

    get isRunning() {
      return isRunning();
    },

    async clients() {
      const response = await fetch(`http://127.0.0.1:${monitor}/connz`);
      const { connections } = (await response.json()) as { connections: { name?: string }[] };
      return connections.map((connection) => connection.name ?? '');
    },

    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),

    hang: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),

    async restart() {
      const started = spawn(path, args, { stdio: 'ignore' });
      child = started;
      // A run that is interrupted leaves no server behind.
      const onExit = (): void => void started.kill('SIGKILL');
      process.once('exit', onExit);
      started.once('exit', () => process.removeListener('exit', onExit));
      for (;;) {
        if (await greets(port)) return;
        if (started.exitCode !== null) throw new Error(`nats-server ended: ${args.join(' ')}`);
        await setTimeout(20);
      }
    },
  };
}

/** Whether a server says hello there, as it does to anybody, with or without TLS and users. */
async function greets(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    const [hello] = await once(socket, 'data', { signal: AbortSignal.timeout(1_000) });
    return String(hello).startsWith('INFO ');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
