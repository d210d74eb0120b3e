import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/** A nats-server as a process, on fixed ports and with a folder that outlives it. */
export interface NatsProcess {
  readonly name: string;
  readonly url: string;
  readonly folder: string;
  readonly isRunning: boolean;
  /** Resolves when it greets its clients. @throws Error when it ends before, with the end of its log. */
  start(): Promise<void>;
  /** Sends a signal that ends it. Resolves when it has ended. */
  end(signal: NodeJS.Signals): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** What its monitor answers. @throws Error when it does not answer within a second. */
  monitor<T>(path: string): Promise<T>;
  /** The last lines of its log. */
  lastLines(count: number): Promise<string>;
}

export interface NatsProcessOptions {
  /** Of nats-server. */
  readonly path: string;
  readonly name: string;
  /** For what it keeps. */
  readonly folder: string;
  readonly port: number;
  readonly monitorPort: number;
  /** More of the command line. */
  readonly options: readonly string[];
}

export function createNatsProcess(options: NatsProcessOptions): NatsProcess {
  const { path, name, folder, port, monitorPort } = options;
  const log = `${folder}.log`;
  const where = ['-a', '127.0.0.1', '-p', String(port), '-m', String(monitorPort), '-l', log];
  const args = [...where, '-js', '-sd', folder, ...options.options];
  let child: ChildProcess | null = null;

  const isRunning = (): boolean => child?.exitCode === null && child.signalCode === null;

  async function lastLines(count: number): Promise<string> {
    const text = await readFile(log, 'utf8').catch(() => '');
    return text.trimEnd().split('\n').slice(-count).join('\n');
  }

  return {
    name,
    folder,
    url: `nats://127.0.0.1:${port}`,
    lastLines,

    get isRunning() {
      return isRunning();
    },

    async start() {
      const started = spawn(path, args, { stdio: 'ignore' });
      child = started;
      // A run that is interrupted leaves no server behind.
      const onExit = (): void => void started.kill('SIGKILL');
      process.once('exit', onExit);
      started.once('exit', () => process.removeListener('exit', onExit));
      while (!(await greets(port))) {
        if (started.exitCode !== null) {
          throw new Error(`nats-server ended: ${args.join(' ')}\n${await lastLines(10)}`);
        }
        await setTimeout(20);
      }
    },

    async end(signal) {
      if (!child || !isRunning()) return;
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    },

    signal: (signal) => void child?.kill(signal),

    async monitor<T>(from: string) {
      const response = await fetch(`http://127.0.0.1:${monitorPort}${from}`, {
        signal: AbortSignal.timeout(1_000),
      });
      return (await response.json()) as T;
    },
  };
}

/** Whether a server says hello there, as it does to any client, with or without TLS and users. */
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
