/** What a person can do about the system's own refusals, by their code. */
const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken. Set PORT to another one, such as PORT=4010.',
  EADDRNOTAVAIL:
    'HOST is not an address of this machine. Set HOST=127.0.0.1, or HOST=0.0.0.0 for all of them.',
  ENOTFOUND: 'HOST is not an address of this machine. Set HOST=127.0.0.1, or HOST=0.0.0.0 for all of them.',
  SQLITE_CANTOPEN: 'the database cannot be opened. Set STORE_URL to a file that this user may write.',
  SQLITE_NOTADB: 'the file is not a database. Set STORE_URL to another one.',
};

/** One sentence for the person who starts a process: what is wrong, and where it can be helped, the cure. */
export function explainStartError(error: unknown): string {
  if (!(error instanceof Error)) return `Could not start: ${String(error)}`;
  if (error.name === 'ConfigError') return error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return `Could not start: ${CURES[code] ?? error.message}`;
}
