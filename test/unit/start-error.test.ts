import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { ConfigError } from '../../src/config.ts';
import { createHttpServer } from '../../src/http/server.ts';
import { explainStartError } from '../../src/lib/start-error.ts';
import { openDatabase } from '../../src/store/database.ts';

const failureOf = async (start: () => unknown): Promise<string> => {
  try {
    await start();
  } catch (error) {
    return explainStartError(error);
  }
  throw new Error('it started');
};
const listen = (port: number, host: string) =>
  createHttpServer(
    {},
    { onError: () => {} },
    { headersWithin: 1000, requestWithin: 1000, keepAlive: 1000 },
  ).listen(port, host);

test('wrong settings are told as they are', () => {
  const error = new ConfigError(['PORT must be a whole number from 0 to 65535']);
  expect(explainStartError(error)).toBe(error.message);
});

test('a taken port says how to take another one', async () => {
  const other = createServer();
  const port = await new Promise<number>((resolve) => {
    other.listen(0, '127.0.0.1', () => {
      const address = other.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
  });
  expect(await failureOf(() => listen(port, '127.0.0.1'))).toBe(
    `Could not start: port ${port} is taken. Set PORT to another one, such as PORT=4010.`,
  );
  other.close();
});

test('an address of another machine says which one to listen on', async () => {
  expect(await failureOf(() => listen(0, '192.0.2.1'))).toBe(
    'Could not start: HOST is not an address of this machine. Set HOST=127.0.0.1, or HOST=0.0.0.0 for all of them.',
  );
});

test('a database that cannot be opened names the setting', async () => {
  expect(await failureOf(() => openDatabase(tmpdir()))).toBe(
    'Could not start: the database cannot be opened. Set STORE_URL to a file that this user may write.',
  );
});

test('a file that is no database names the setting', async () => {
  expect(await failureOf(() => openDatabase(import.meta.filename))).toBe(
    'Could not start: the file is not a database. Set STORE_URL to another one, or put a backup in its place (docs/operating.md).',
  );
});

test('a database module without its binary names the command that gets it', async () => {
  const missing = () => {
    throw new Error(
      'Could not locate the bindings file. Tried:\n → /app/node_modules/better-sqlite3/build/…',
    );
  };
  expect(await failureOf(missing)).toBe(
    'Could not start: the binary of the database module is missing, as when packages are installed without their scripts. ' +
      'Run: npm rebuild better-sqlite3',
  );
});

test('anything else is told in one line, without a stack', () => {
  expect(explainStartError(new TypeError('no such key'))).toBe('Could not start: no such key');
  expect(explainStartError('out of luck')).toBe('Could not start: out of luck');
});
