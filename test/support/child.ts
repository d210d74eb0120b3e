import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

const ROOT = new URL('../../', import.meta.url).pathname;

/** A process of ours, and everything that it has said. */
export interface Child {
  readonly stdout: string;
  readonly stderr: string;
  /** Its log: the JSON lines of standard error so far. */
  readonly log: readonly Record<string, unknown>[];
  /** Resolves when the output holds `text`. @throws Error when the process ends before. */
  says(text: string): Promise<void>;
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  signal(name: NodeJS.Signals): void;
  /** The exit code, null when a signal ended it. */
  readonly exit: Promise<number | null>;
}

const running = new Set<ChildProcess>();

/** For `afterEach`: whatever a failed test left behind ends here. */
export function killChildren(): void {
  for (const child of running) child.kill('SIGKILL');
}

/**
 * Starts a program of this project.
 * @param env the whole environment beside PATH: nothing of the test's own reaches the process.
 */
export function startChild(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Child {
  const child = spawn(command, args, { cwd: ROOT, env: { PATH: process.env['PATH'], ...env } });
  running.add(child);
  const said = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of listeners) listener();
    });
  }
  const exit = once(child, 'close').then(([code]) => {
    running.delete(child);
    return code as number | null;
  });

  return {
    get stdout() {
      return said.stdout;
    },
    get stderr() {
      return said.stderr;
    },
    get log() {
      return said.stderr
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line));
    },
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!said.stdout.includes(text) && !said.stderr.includes(text)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
        exit.then(
          () => reject(new Error(`ended without saying ${text}: ${said.stdout}${said.stderr}`)),
          reject,
        );
      }),
    pid: child.pid,
    get isRunning() {
      return running.has(child);
    },
    signal: (name) => child.kill(name),
    exit,
  };
}
