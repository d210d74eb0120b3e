import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { freePorts } from './free-ports.ts';
import { findProgram, withProgram } from './program.ts';

const PROGRAM = findProgram('nats-server');

/** As `withProgram`. */
export const withNatsServer = (suite: () => void): void => withProgram('nats-server', suite);

export interface NatsServer {
  readonly url: string;
  readonly name: string;
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
  /** Ends every server and removes their data. */
  dispose(): Promise<void>;
}

/**
 * One server, or a cluster of three, on free ports of the loopback, with JetStream; ready when this resolves.
 * @param options of the command line, for each server.
 */
export async function startNats(size: 1 | 3 = 1, options: readonly string[] = []): Promise<NatsCluster> {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-nats-'));
  const ports = await freePorts(size * 2);
  const names = Array.from({ length: size }, (_, n) => `n${n}`);
  const routes = names.map((_, n) => `nats://127.0.0.1:${ports[size + n]}`);
  const nodes = names.map((name, n) => {
    const clustering = [
      '--cluster_name',
      'mekong',
      '--cluster',
      routes[n] ?? '',
      '--routes',
      routes.join(','),
    ];
    const alone = ['-a', '127.0.0.1', '-p', String(ports[n]), '-js', '-sd', join(folder, name), ...options];
    return createServerProcess(
      name,
      ports[n] ?? 0,
      size > 1 ? [...alone, '--name', name, ...clustering] : alone,
    );
  });
  await Promise.all(nodes.map((node) => node.restart()));
  return {
    url: `nats://${nodes.map(({ url }) => url.slice('nats://'.length)).join(',')}`,
    servers: nodes,
    async dispose() {
      await Promise.all(nodes.map((node) => node.kill()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function createServerProcess(name: string, port: number, args: readonly string[]): NatsServer {
  let child: ChildProcess | null = null;

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }

  return {
    name,
    url: `nats://127.0.0.1:${port}`,

    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),

    hang: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),

    async restart() {
      const started = spawn(PROGRAM ?? '', args, { stdio: 'ignore' });
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
