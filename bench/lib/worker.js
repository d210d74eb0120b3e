import { fork } from 'node:child_process';

/**
 * One process that does as it is told: answers `call(name, argument)` of its parent with the handler of that name.
 * `usage` is built in: CPU microseconds since the start, memory in bytes, and promises made where they are counted.
 */
export function worker(handlers) {
  const all = {
    usage: () => ({
      cpu: process.cpuUsage(),
      memory: process.memoryUsage(),
      promises: globalThis.promisesMade,
    }),
    collect: () => globalThis.gc?.(),
    ...handlers,
  };
  process.on('message', async ({ id, name, argument }) => {
    try {
      process.send({ id, value: await all[name](argument) });
    } catch (error) {
      process.send({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  // Also when the parent dies: what is removed at the exit of a process is removed then.
  process.on('disconnect', () => process.exit());
}

/** Starts `file` as a process of its own. Its environment is the one given, beside PATH: nothing leaks in. */
export function startWorker(file, { env = {}, execArgv = [] } = {}) {
  const child = fork(file, [], {
    execArgv,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    serialization: 'advanced',
  });
  const waiting = new Map();
  let next = 0;
  child.on('message', ({ id, value, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error) reject(new Error(`${file}: ${error}`));
    else resolve(value);
  });
  const ended = new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      for (const { reject } of waiting.values()) reject(new Error(`${file} ended (${signal ?? code})`));
      resolve();
    });
  });
  return {
    pid: child.pid,
    call: (name, argument) =>
      new Promise((resolve, reject) => {
        next += 1;
        waiting.set(next, { resolve, reject });
        child.send({ id: next, name, argument });
      }),
    async stop() {
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** CPU microseconds, user and system, that passed between two answers of `usage`. */
export const cpuBetween = (before, after) =>
  after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
