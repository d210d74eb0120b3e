import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createAside } from '../../src/aside/aside.ts';
import { keepRow } from '../../src/aside/intake.ts';
import { createSqliteAsideStore } from '../../src/aside/sqlite.ts';
import type { BankTransaction } from '../../src/domain/bank-transaction.ts';
import { rateLimited, upstreamUnavailable } from '../../src/domain/errors.ts';
import { UnreadableRow } from '../../src/domain/unreadable-row.ts';
import type { EventLog, NewEvent } from '../../src/events/log.ts';
import { createReconciler, type Reconciler, startReconciliation } from '../../src/events/reconcile.ts';
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { createSqliteReconcileState } from '../../src/events/sqlite-reconcile-state.ts';
import { DAY, HOUR, MINUTE } from '../../src/lib/duration.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { createSealer } from '../../src/sessions/sealing.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';
import { soleProcess } from '../../src/store/leases.ts';
import { allAside } from '../support/aside.ts';
import { bankTransaction, keysOf, NOW, readAll } from '../support/events.ts';

const PAGE_SIZE = 100;
const RETENTION_DAYS = 30;
const { signal } = new AbortController();

let folder: string;
let database: Database;
let log: EventLog;
let now: number;
/** What Casso holds. */
let rows: BankTransaction[];
/** The pages that were asked for, in order. */
let asked: number[];
/** Requests that Casso still allows. */
let budget: number;
let reconciler: Reconciler;
const STORE_KEY = Buffer.alloc(32, 7).toString('base64');
const sealer = createSealer([Buffer.from(STORE_KEY, 'base64')]);
const aside = () => createSqliteAsideStore(database);
const keptAside = () => allAside(aside(), STORE_KEY);
/** Rows at the head of Casso's list that cannot be read. */
let odd: UnreadableRow[];
/** Every page is the first one, and claims that more follow. */
let repeats: boolean;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mekong-'));
  database = openDatabase(join(folder, 'mekong.db'));
  log = createSqliteEventLog({ database });
  now = NOW;
  rows = [];
  asked = [];
  budget = Number.POSITIVE_INFINITY;
  odd = [];
  repeats = false;
  reconciler = createReconciler(options());
});
afterEach(async () => {
  await log.close();
  database.close();
  await rm(folder, { recursive: true });
});

const options = () => ({
  readNewest,
  log,
  keepAside: keepRow(createAside(aside(), sealer), { now: () => now }),
  state: createSqliteReconcileState(database),
  clock: { now: () => now },
  retentionDays: RETENTION_DAYS,
  logger: createLogger('silent'),
});

/** As Casso answers: newest first, rows of one time in the order of their ids. */
async function readNewest(page: number) {
  if (budget <= 0) throw rateLimited(MINUTE, 'CASSO');
  budget -= 1;
  asked.push(page);
  const sorted = rows.toSorted(
    (a, b) => b.occurredAt.getTime() - a.occurredAt.getTime() || Number(b.id) - Number(a.id),
  );
  if (repeats) return { rows: sorted.slice(0, PAGE_SIZE), hasMore: true };
  return {
    rows: [...(page === 1 ? odd : []), ...sorted.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE)],
    hasMore: sorted.length > page * PAGE_SIZE,
  };
}

/** A row comes to Casso, this long ago by the bank's date. */
function comes(ago = 0, changes: Partial<BankTransaction> = {}): BankTransaction {
  const row = bankTransaction({ occurredAt: new Date(now - ago), bankAccountId: '2001', ...changes });
  rows.push(row);
  return row;
}
const come = (count: number, ago = 0): BankTransaction[] => Array.from({ length: count }, () => comes(ago));

const webhook = (transaction: BankTransaction): NewEvent => ({
  provider: 'CASSO',
  key: transaction.id,
  type: 'bank_transaction.created',
  source: 'WEBHOOK',
  receivedAt: now,
  transaction: { ...transaction, bankAccountId: null },
});
/** Its webhook comes too. */
const told = (row: BankTransaction) => log.append([webhook(row)]);
const round = () => reconciler.round(signal);
const published = async (): Promise<string[]> => keysOf(await readAll(log, await log.trimmedTo()));
const idsOf = (list: readonly BankTransaction[]): string[] => list.map(({ id }) => id);
/** As after a restart: only what is in the database is known. */
const restart = (): void => {
  reconciler = createReconciler(options());
};

describe('what Casso may get wrong', () => {
  test('a row that cannot be read keeps no other from being published', async () => {
    await round();
    const first = comes();
    odd = [new UnreadableRow('900000', 'amount', {}), new UnreadableRow(null, 'id', {})];
    await round();
    const second = comes();
    await round();
    expect(await published()).toEqual(idsOf([first, second]));
  });

  test('a list that claims pages without end and repeats its rows ends the round, and what it showed is published', async () => {
    await round();
    const missed = come(3);
    repeats = true;
    asked = [];
    await round();
    expect(asked).toEqual([1, 2]);
    expect(await published()).toEqual(idsOf(missed));
    repeats = false;
    come(250);
    await round();
    expect(await published()).toHaveLength(253);
  });

  test('a list that claims pages without end and has no rows in them ends the round', async () => {
    await round();
    repeats = true;
    asked = [];
    await round();
    expect(asked).toEqual([1]);
  });
});

describe('at first', () => {
  test('an empty log takes the newest transaction as its baseline and publishes no history', async () => {
    come(250, DAY);
    await round();
    await round();
    expect(await published()).toEqual([]);
  });

  test('the baseline survives a restart', async () => {
    come(3, HOUR);
    await round();
    restart();
    const missed = comes();
    await round();
    expect(await published()).toEqual([missed.id]);
  });

  test('when Casso has nothing yet, the first that comes is missed', async () => {
    await round();
    const missed = comes();
    await round();
    expect(await published()).toEqual([missed.id]);
  });

  test('what is missing since the first event of a log that is not empty is published', async () => {
    comes(HOUR);
    await told(comes());
    const missed = comes();
    await round();
    expect(await published()).toEqual([rows[1]?.id, missed.id]);
  });

  test('a round that fails takes no baseline', async () => {
    comes(HOUR);
    budget = 0;
    await round();
    budget = 9;
    await told(comes());
    const missed = comes();
    await round();
    expect(await published()).toEqual([rows[1]?.id, missed.id]);
  });
});

describe('afterwards', () => {
  beforeEach(async () => {
    come(5, 2 * DAY);
    await round();
  });

  test('a missed one is published as it was read, with its source', async () => {
    const missed = comes();
    now += MINUTE;
    await round();
    const [event] = await readAll(log, 0);
    expect(event).toEqual({
      position: event?.position,
      provider: 'CASSO',
      key: missed.id,
      type: 'bank_transaction.created',
      source: 'RECONCILIATION',
      receivedAt: now,
      transaction: missed,
    });
  });

  test('exactly the missed ones, oldest first, and by id where times are equal', async () => {
    const early = comes(HOUR);
    const [one, two, three] = come(3);
    if (!one || !two || !three) throw new Error('three rows');
    await told(two);
    await round();
    await round();
    expect(await published()).toEqual(idsOf([two, early, one, three]));
  });

  test('ids are compared as numbers', async () => {
    const ids = ['9999999', '10000000', '10000001'];
    for (const id of ids) comes(0, { id });
    await round();
    expect(await published()).toEqual(ids);
  });

  test('a webhook that comes after all is not published again', async () => {
    const missed = comes();
    await round();
    await told(missed);
    expect(await published()).toEqual([missed.id]);
  });

  test('a quiet list costs one request a round', async () => {
    come(500, HOUR);
    await round();
    asked = [];
    now += MINUTE;
    await round();
    await round();
    expect(asked).toEqual([1, 1]);
  });

  test('a long outage is caught up with page by page, although newer webhooks have come', async () => {
    const missed = come(250, HOUR);
    for (const row of come(150)) await told(row);
    const before = await log.end();
    await round();
    expect(keysOf(await readAll(log, before))).toEqual(idsOf(missed));
  });

  test('one that a bank dates back some days is found, below more newer rows than a page holds', async () => {
    for (const row of come(250, HOUR)) await told(row);
    await round();
    const late = comes(2 * DAY);
    await told(comes());
    now += 2 * HOUR;
    await round();
    expect((await published()).at(-1)).toBe(late.id);
  });

  test('one that became visible after a younger one is found', async () => {
    const [hidden] = come(1);
    if (!hidden) throw new Error('one row');
    rows = rows.filter((row) => row !== hidden);
    const seen = comes();
    await round();
    rows.push(hidden);
    await round();
    expect(await published()).toEqual(idsOf([seen, hidden]));
  });

  test('what the log has forgotten is not published again', async () => {
    for (const row of come(10)) await told(row);
    await round();
    for (let day = 0; day < 2 * RETENTION_DAYS; day += 1) {
      now += DAY;
      await log.trim(now - RETENTION_DAYS * DAY);
      await round();
    }
    expect(await published()).toEqual([]);
  });

  test('not even when it could not be compared for longer than the log remembers', async () => {
    for (const row of come(10)) await told(row);
    now += (RETENTION_DAYS + 1) * DAY;
    await log.trim(now - RETENTION_DAYS * DAY);
    const missed = comes();
    restart();
    await round();
    expect(await published()).toEqual([missed.id]);
  });

  test('whatever date the bank gives it, a new row is published', async () => {
    const ancient = comes(1_000 * DAY);
    await round();
    expect(await published()).toEqual([ancient.id]);
  });
});

describe('within the request budget', () => {
  test('a long list is read over several rounds, each going on where the last one stopped', async () => {
    await round();
    const missed = come(550, HOUR);
    asked = [];
    for (let n = 0; n < 3; n += 1) {
      budget = 2;
      await round();
      expect(await published()).toEqual(n < 2 ? [] : idsOf(missed));
    }
    expect(asked).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('rows that come between two rounds hide none', async () => {
    await round();
    const missed = come(150, HOUR);
    budget = 1;
    await round();
    const newer = come(120);
    budget = 9;
    await round();
    now += MINUTE;
    await round();
    expect([...(await published())].sort()).toEqual(idsOf([...missed, ...newer]).sort());
  });

  test('a full look-back that is not affordable delays no news', async () => {
    for (const row of come(900, HOUR)) await told(row);
    await round();
    now += 2 * HOUR;
    const late = comes(DAY);
    budget = 3;
    await round();
    const [fresh] = come(1);
    budget = 3;
    await round();
    expect((await published()).at(-1)).toBe(fresh?.id);
    for (let n = 0; n < 10; n += 1) {
      budget = 3;
      await round();
    }
    expect((await published()).at(-1)).toBe(late.id);
  });
});

describe('a row that cannot be read', () => {
  const raw = { id: 900000, amount: 'x', bankSubAccId: '0123' };

  test('is kept aside once, however many rounds meet it, whether or not its other members change', async () => {
    await round();
    odd = [new UnreadableRow('900000', 'amount', raw), new UnreadableRow(null, 'id', { id: 'x' })];
    await round();
    odd = [
      new UnreadableRow('900000', 'amount', { ...raw, cusumBalance: 5 }),
      new UnreadableRow(null, 'id', { id: 'x' }),
    ];
    now += 2 * HOUR;
    for (let n = 0; n < 3; n += 1) await round();
    expect(await keptAside()).toEqual([
      { provider: 'CASSO', scheme: 'list', reason: 'amount', receivedAt: NOW, body: JSON.stringify(raw) },
      { provider: 'CASSO', scheme: 'list', reason: 'id', receivedAt: NOW, body: '{"id":"x"}' },
    ]);
  });

  test('is not kept when it is history', async () => {
    comes(0, { id: '900001' });
    odd = [new UnreadableRow('900000', 'amount', raw)];
    await round();
    await round();
    expect(await keptAside()).toEqual([]);
  });

  test('is looked at again when it could not be kept; what can be read is published meanwhile', async () => {
    await round();
    const missed = comes(0, { id: '899999' });
    odd = [new UnreadableRow('900000', 'amount', raw)];
    database.exec("CREATE TRIGGER full BEFORE INSERT ON aside BEGIN SELECT RAISE(ABORT, 'full'); END");
    await round();
    expect(await published()).toEqual([missed.id]);
    database.exec('DROP TRIGGER full');
    await round();
    expect(await keptAside()).toHaveLength(1);
  });
});

test('a failure of Casso or of the log ends the round alone', async () => {
  await round();
  const missed = comes();
  const failing = createReconciler({
    ...options(),
    readNewest: async () => {
      throw upstreamUnavailable('CASSO');
    },
  });
  await failing.round(signal);
  database.pragma('query_only = ON');
  await round();
  database.pragma('query_only = OFF');
  expect(await published()).toEqual([]);
  await round();
  expect(await published()).toEqual([missed.id]);
});

test('whatever comes, is told or is missed, in whatever order: each is published once, and nothing else', async () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('come' as const),
      count: fc.integer({ min: 1, max: 130 }),
      hoursAgo: fc.integer({ min: 0, max: 40 }),
      told: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('round' as const),
      budget: fc.integer({ min: 0, max: 4 }),
      minutes: fc.integer({ min: 0, max: 90 }),
    }),
    fc.record({ kind: fc.constant('restart' as const) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 15 }), async (steps) => {
      budget = 99;
      await round();
      const start = await log.end();
      const expected: string[] = [];
      for (const one of steps) {
        if (one.kind === 'restart') restart();
        else if (one.kind === 'round') {
          budget = one.budget;
          now += one.minutes * MINUTE;
          await round();
        } else {
          const came = come(one.count, one.hoursAgo * HOUR);
          expected.push(...idsOf(came));
          if (one.told) await log.append(came.map(webhook));
        }
      }
      budget = Number.POSITIVE_INFINITY;
      // The first completes what is under way, the second looks at everything once more.
      for (let last = 0; last < 2; last += 1) {
        now += 2 * HOUR;
        await round();
      }
      expect(keysOf(await readAll(log, start)).sort()).toEqual(expected.sort());
      rows = [];
    }),
    { numRuns: 40 },
  );
});

test('rounds begin at once and follow one another until they are stopped', async () => {
  const requests = new EventEmitter();
  const third = once(requests, 'third');
  const running = startReconciliation({
    leases: soleProcess,
    ...options(),
    every: 1,
    readNewest: async (page) => {
      if (asked.length === 2) requests.emit('third');
      return readNewest(page);
    },
  });
  await third;
  await running.stop();
  const count = asked.length;
  expect(count).toBeGreaterThanOrEqual(3);
  await round();
  expect(asked).toHaveLength(count + 1);
});

test('stop gives up the request under way', async () => {
  const requests = new EventEmitter();
  const begun = once(requests, 'begun');
  const running = startReconciliation({
    leases: soleProcess,
    ...options(),
    every: 1,
    readNewest: (_page, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new Error('given up')), { once: true });
        requests.emit('begun');
      }),
  });
  await begun;
  await running.stop();
  expect(await createSqliteReconcileState(database).get()).toBeNull();
});

test('a stop before the first request sends none', async () => {
  const running = startReconciliation({ leases: soleProcess, ...options(), every: 1 });
  await running.stop();
  expect(asked).toEqual([]);
});
