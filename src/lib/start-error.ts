/** One sentence for the person who starts a process: what is wrong, and where it can be helped, the cure. */
export function explainStartError(error: unknown): string {
  if (!(error instanceof Error)) return `Could not start: ${String(error)}`;
  if (error.name === 'ConfigError') return error.message;
  if ('code' in error && error.code === 'EADDRINUSE') {
    return 'Could not start: the port is taken. Set PORT to another one, such as PORT=4001.';
  }
  return `Could not start: ${error.message}`;
}
