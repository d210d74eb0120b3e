/** What a person can do about the system's own refusals, by their code. */
const CURES: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL:
    'HOST is not an address of this machine. Set HOST=127.0.0.1, or HOST=0.0.0.0 for all of them.',
  ENOTFOUND: 'HOST is not an address of this machine. Set HOST=127.0.0.1, or HOST=0.0.0.0 for all of them.',
  SQLITE_CANTOPEN: 'the database cannot be opened. Set STORE_URL to a file that this user may write.',
  SQLITE_NOTADB:
    'the file is not a database. Set STORE_URL to another one, or put a backup in its place (docs/operating.md).',
  SQLITE_READONLY:
    'the database cannot be written. Let this user write the file and its folder, look whether the file system is mounted read-only, or set STORE_URL to another file.',
  SQLITE_IOERR:
    'the file system refuses to read or write the database. Look at the log of the kernel, and whether it is still mounted for writing.',
  SQLITE_BUSY: 'another process works on the database. Wait until it has ended, or end it.',
  SQLITE_FULL: 'the disk is full. Make room where the database is.',
  SQLITE_CORRUPT:
    'the database file is damaged. Keep a copy of it, and put a backup in its place (docs/operating.md).',
};

/** The same where a file is what it is about. */
const FILE_CURES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) => `${path}: there is no such file.`,
  EEXIST: (path) =>
    `${path} is there already, and is never overwritten. Name another place, or move it away.`,
  EACCES: (path) => `${path}: this user may not use it.`,
};

/** One sentence for the person who starts a process: what is wrong, and where it can be helped, the cure. */
export function explainStartError(error: unknown): string {
  const explained = explainError(error);
  return isConfigError(error) ? explained : `Could not start: ${explained}`;
}

/** The same for whatever else a person began. */
export function explainError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isConfigError(error)) return error.message;
  // Its message lists a dozen paths.
  if (error.message.startsWith('Could not locate the bindings file')) {
    return 'the binary of the database module is missing, as when packages are installed without their scripts. Run: npm rebuild better-sqlite3';
  }
  const { code, path, syscall, port } = error as NodeJS.ErrnoException & { readonly port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken. Set PORT to another one, such as PORT=4010.`;
  if (code === 'EACCES' && syscall === 'listen') {
    return 'this user may not open that port. Set PORT to one from 1024 on, and let a proxy have the lower one.';
  }
  if (syscall === 'mkdir' && path !== undefined) {
    return `${path}: this folder cannot be made. Name another place, or make it and let this user write in it.`;
  }
  const cure = CURES[primary(code)] ?? (path === undefined ? undefined : FILE_CURES[code ?? '']?.(path));
  return cure ?? error.message;
}

/** SQLite tells more after a second underscore: SQLITE_READONLY_DIRECTORY. */
const primary = (code = ''): string => /^SQLITE_[A-Z]+/.exec(code)?.[0] ?? code;

const isConfigError = (error: unknown): boolean => error instanceof Error && error.name === 'ConfigError';
