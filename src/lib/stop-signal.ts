/**
 * Resolves with the first SIGTERM or SIGINT from now on; more of them change nothing, as the end has its own time
 * limit and Ctrl-C reaches a process twice when a runner passes it on.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });
}
