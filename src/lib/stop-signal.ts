/**
 * What would end a process at once: a service manager's SIGTERM, Ctrl-C and Ctrl-\\, a terminal that was closed or a rotation
 * of logs (SIGHUP), and what process managers send to restart (SIGUSR2).
 */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGUSR2'] as const;

/**
 * Resolves with the first of them from now on; more of them change nothing, as the end has its own time limit and Ctrl-C
 * reaches a process twice when a runner passes it on.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of STOP_SIGNALS) process.on(signal, resolve);
  });
}
