import { randomInt } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import SQLite from 'better-sqlite3';
import { afterAll, afterEach, expect, test } from 'vitest';
import { openSqliteStoreAlone } from '../../src/app/store-sqlite.ts';
import { encodeEvent } from '../../src/events/json.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { sessionIdOf } from '../../src/sessions/token.ts';
import { MIGRATIONS } from '../../src/store/migrations/index.ts';
import { killChildren } from '../support/child.ts';
import { bankEvent, readAll } from '../support/events.ts';
import { ask } from '../support/gateway.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import { BANK_EVENTS, cassoBody, cassoRow, overWebSocket, postCasso } from '../support/news.ts';
import { type Cut, cutsOf } from '../support/power/cuts.ts';
import { Disk } from '../support/power/disk.ts';
import { type Recorded, startRecording } from '../support/power/recording.ts';
import { expectLifeKept, expectSound, FILE, type Life, recordLife } from '../support/power/store-life.ts';
import type { Line } from '../support/power/store-writer.ts';
import { withProgram } from '../support/program.ts';

/** Of moments and losses; a failure names it. */
const SEED = Number(process.env['POWER_SEED'] ?? randomInt(2 ** 31));
const own = mkdtempSync(join(tmpdir(), 'mekong-'));
const EMPTY = join(own, 'empty');
mkdirSync(EMPTY);
afterEach(killChildren);
afterAll(() => rmSync(own, { recursive: true }));

interface Run {
  readonly before: string;
  readonly changes: readonly Recorded[];
}

/** Hands over what the disk holds after that cut, in a folder of its own. */
async function afterCut<T>(
  { before, changes }: Run,
  cut: Cut,
  look: (folder: string) => Promise<T>,
): Promise<T> {
  const disk = Disk.of(before);
  for (const change of changes.slice(0, cut.count)) disk.apply(change);
  const folder = mkdtempSync(join(own, 'cut-'));
  disk.writeAfter(cut.loss, folder);
  try {
    return await look(folder);
  } catch (error) {
    throw new Error(cut.name, { cause: error });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What was said before the power went. */
const before = <T extends { readonly at: number }>(
  said: readonly T[],
  { changes }: Run,
  { count }: Cut,
): T[] => {
  const moment = changes[count - 1]?.end ?? 0;
  return said.filter(({ at }) => at <= moment);
};

/** @returns the cuts after which something was missing. */
async function losses(life: Life, cuts: readonly Cut[]): Promise<Error[]> {
  const found: Error[] = [];
  for (const cut of cuts) {
    const looked = afterCut(life, cut, (folder) => expectLifeKept(folder, before(life.lines, life, cut)));
    await looked.catch((error: Error) => found.push(error));
  }
  return found;
}

/** A database as a version with so many migrations left it, with three events. */
function oldDatabase(path: string, version: number): Line[] {
  mkdirSync(dirname(path), { recursive: true });
  const database = new SQLite(path);
  database.pragma('journal_mode = WAL');
  for (const sql of MIGRATIONS.slice(0, version)) database.exec(sql);
  database.pragma(`user_version = ${version}`);
  const events = Array.from({ length: 3 }, () => bankEvent());
  const insert = database.prepare(
    'INSERT INTO events (provider, key, received_at, event) VALUES (?, ?, ?, ?)',
  );
  for (const event of events) insert.run(event.provider, event.key, event.receivedAt, encodeEvent(event));
  database.close();
  // Newer than anything that the writer trims.
  const receivedAt = Number.POSITIVE_INFINITY;
  return [
    {
      at: 0,
      done: true,
      kind: 'append',
      keys: events.map(({ key }) => key),
      positions: [1, 2, 3],
      receivedAt,
    },
  ];
}

withProgram('cc', () => {
  test('whenever the power goes, a store holds what it had acknowledged: events, sessions, trims, cursors, backups', async () => {
    const life = await recordLife();
    expect(await losses(life, cutsOf(life.changes.length, SEED, 300))).toEqual([]);
  }, 240_000);

  test.each([1, 2, 3, 4])(
    'a store of version %i is brought up to date whole or not at all',
    async (version) => {
      const life = await recordLife({ ROUNDS: '1' }, (path) => oldDatabase(path, version));
      expect(await losses(life, cutsOf(life.changes.length, SEED, 50))).toEqual([]);
    },
    120_000,
  );

  test('without syncs these cuts find loss', async () => {
    const life = await recordLife({ WITHOUT_SYNC: '1' });
    const found = await losses(life, cutsOf(life.changes.length, SEED, 40));
    expect(found.length).toBeGreaterThan(5);
  }, 120_000);

  test('whenever the power goes, a gateway that starts again has every webhook that was answered 2xx and every session', async () => {
    const folder = join(own, 'gateway');
    mkdirSync(folder);
    const recording = startRecording(folder);
    const gateway = await prepareGatewayProcess({ STORE_URL: `sqlite:${join(folder, FILE)}` });
    const child = await gateway.start(recording.env);
    const said = await useGateway(gateway, () => recording.length());
    child.signal('SIGTERM');
    await child.exit;
    const run = { before: EMPTY, changes: recording.changes() };
    recording.remove();
    for (const [n, cut] of cutsOf(run.changes.length, SEED, 150).entries()) {
      await afterCut(run, cut, async (place) => {
        const known = {
          ...said,
          deliveries: before(said.deliveries, run, cut),
          seen: before(said.seen, run, cut),
        };
        const logins = before(said.logins, run, cut);
        const logouts = before(said.logouts, run, cut);
        const ids = await expectAnswered(place, known, logins, logouts);
        if (n % 25 === 24) await expectServed(gateway, place, ids, said, logins, logouts);
      });
    }
    await gateway.remove();
  }, 240_000);
});

/** What clients know, and when they knew it. */
interface Said {
  readonly operator: string;
  /** Bank transactions of each writer in the order in which it sent them. */
  readonly deliveries: readonly { readonly at: number; readonly writer: number; readonly id: string }[];
  /** Events that a subscriber got. */
  readonly seen: readonly { readonly at: number; readonly id: string }[];
  readonly logins: readonly { readonly at: number; readonly token: string }[];
  readonly logouts: readonly { readonly at: number; readonly token: string; readonly done: boolean }[];
}

const WRITERS = 4;
const EACH = 40;
const LOGINS = 6;

/** @param now the moment, as the recording has it. */
async function useGateway(gateway: ProcessGateway, now: () => number): Promise<Said> {
  const operator = await gateway.operatorToken();
  const said = { operator, deliveries: [], seen: [], logins: [], logouts: [] } as {
    operator: string;
    deliveries: { at: number; writer: number; id: string }[];
    seen: { at: number; id: string }[];
    logins: { at: number; token: string }[];
    logouts: { at: number; token: string; done: boolean }[];
  };
  const subscription = await overWebSocket(gateway.url, BANK_EVENTS, {}, operator);
  const writing = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let n = 0; n < EACH; n += 1) {
      const id = 1_000 * (writer + 1) + n;
      const { ok } = await postCasso(gateway, cassoBody(cassoRow(id)));
      expect(ok).toBe(true);
      said.deliveries.push({ at: now(), writer, id: String(id) });
    }
  });
  const subscribing = (async () => {
    while (said.seen.length < WRITERS * EACH) {
      const { bankTransaction } = await subscription.feed.event();
      said.seen.push({ at: now(), id: bankTransaction.providerId });
    }
  })();
  for (let n = 0; n < LOGINS; n += 1) {
    const token = await logIn({ ...gateway, app: gateway });
    said.logins.push({ at: now(), token });
    if (n % 2) continue;
    said.logouts.push({ at: now(), token, done: false });
    const { errors } = await ask(gateway.url, 'mutation { logout { __typename } }', {}, token);
    expect(errors).toBeUndefined();
    said.logouts.push({ at: now(), token, done: true });
  }
  await Promise.all([...writing, subscribing]);
  await subscription.close();
  return said;
}

/** @returns the ids of all events that the store holds, in order. */
async function expectAnswered(
  folder: string,
  { deliveries, seen }: Said,
  logins: Said['logins'],
  logouts: Said['logouts'],
): Promise<string[]> {
  const path = join(folder, FILE);
  if (!existsSync(path)) {
    expect([...deliveries, ...seen, ...logins], 'no database was there').toEqual([]);
    return [];
  }
  const store = openSqliteStoreAlone(path);
  try {
    const keys = (await readAll(store.log, 0)).map(({ key }) => key);
    expect(new Set(keys).size, 'none twice').toBe(keys.length);
    expect(keys).toEqual(expect.arrayContaining([...deliveries, ...seen].map(({ id }) => id)));
    for (let writer = 0; writer < WRITERS; writer += 1) {
      const sent = deliveries.filter((one) => one.writer === writer).map(({ id }) => id);
      expect(
        keys.filter((key) => sent.includes(key)),
        'in order',
      ).toEqual(sent);
    }
    for (const { token } of logins) {
      const row = await store.sessions.get(sessionIdOf(token));
      const leaving = logouts.filter((one) => one.token === token);
      if (leaving.length === 0) expect(row, 'a session').not.toBeNull();
      if (leaving.some(({ done }) => done)) expect(row, 'a session that has ended').toBeNull();
    }
    return keys;
  } finally {
    await store.log.close();
    await store.close();
    expectSound(path);
  }
}

/** A gateway starts in that folder: subscribers from the beginning get all, sessions open. */
async function expectServed(
  gateway: ProcessGateway,
  folder: string,
  ids: readonly string[],
  { operator }: Said,
  logins: Said['logins'],
  logouts: Said['logouts'],
): Promise<void> {
  const child = await gateway.start({ STORE_URL: `sqlite:${join(folder, FILE)}` });
  const left = new Set(logouts.map(({ token }) => token));
  for (const { token } of logins.filter((one) => !left.has(one.token))) {
    const { data } = await ask(gateway.url, '{ viewer { kind } }', {}, token);
    expect(data).toEqual({ viewer: { kind: 'SESSION' } });
  }
  const { data } = await ask(gateway.url, FIRST_EVENTS, {}, operator);
  expect(data?.['bankTransactionEvents'].nodes.map((node: any) => node.bankTransaction.providerId)).toEqual(
    ids.slice(0, 100),
  );
  child.signal('SIGKILL');
  await child.exit;
}

const FIRST_EVENTS = '{ bankTransactionEvents(first: 100) { nodes { bankTransaction { providerId } } } }';
