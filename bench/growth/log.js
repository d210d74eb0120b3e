import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '../../dist/app/store-sqlite.js';
import { median } from '../lib/stats.js';
import { worker } from '../lib/worker.js';
import { accountNumber, BANK_ACCOUNTS } from '../upstream/casso.js';

/** A process with one event log on disk, asked as the gateway asks it. */
const folder = mkdtempSync(join(tmpdir(), 'mekong-bench-log-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'mekong.db');
let store = openSqliteStore(file);
let length = 0;

const event = (n) => ({
  provider: 'CASSO',
  key: String(n),
  type: 'bank_transaction.created',
  source: 'WEBHOOK',
  receivedAt: Date.now(),
  transaction: {
    provider: 'CASSO',
    id: String(n),
    reference: `FT${n}`,
    amount: { minorUnits: 150_000 + (n % 1000), currency: 'VND', exponent: 0 },
    direction: 'CREDIT',
    runningBalance: { minorUnits: 5_000_000, currency: 'VND', exponent: 0 },
    occurredAt: new Date('2026-10-31T09:00:00Z'),
    description: `pay ${n}`,
    counterparty: {
      accountNumber: '0123456789',
      name: 'NGUYEN VAN EXAMPLE',
      bankId: '970415',
      bankName: null,
    },
    virtualAccount: null,
    bankAccountId: null,
    bankAccountNumber: accountNumber(n % BANK_ACCOUNTS),
  },
});

async function timed(times, action) {
  const taken = [];
  for (let n = 0; n < times; n += 1) {
    const begun = performance.now();
    await action();
    taken.push(performance.now() - begun);
  }
  return median(taken);
}

async function resume(after, count) {
  const closed = new AbortController();
  let seen = 0;
  for await (const { events } of store.log.follow(after, undefined, closed.signal)) {
    seen += events.length;
    if (seen >= count) break;
  }
  closed.abort();
}

worker({
  /** Appends until the log holds so many, 100 a delivery, then measures on the log reopened. Milliseconds each. */
  async measure({ size }) {
    const begun = performance.now();
    while (length < size) {
      const deliveries = Math.min(10, (size - length) / 100);
      await Promise.all(
        Array.from({ length: deliveries }, (_, n) =>
          store.log.append(Array.from({ length: 100 }, (_unused, row) => event(length + n * 100 + row))),
        ),
      );
      length += deliveries * 100;
    }
    const filledIn = performance.now() - begun;
    await store.log.close();
    await store.close();
    // What the filling left for the disk to do is not what an append costs.
    spawnSync('sync');
    store = openSqliteStore(file);
    const { log } = store;
    const end = await log.end();
    const middle = Math.floor(end / 2);
    const append = await timed(500, async () => {
      await log.append([event(length)]);
      length += 1;
    });
    const results = {
      append,
      appendTogether:
        (await timed(20, async () => {
          await Promise.all(
            Array.from({ length: 64 }, () => {
              length += 1;
              return log.append([event(length - 1)]);
            }),
          );
        })) / 64,
      duplicate: await timed(200, () => log.append([event(7)])),
      end: await timed(2000, () => log.end()),
      resumeFirst: await timed(200, () => resume(middle, 1)),
      resume1000: await timed(20, () => resume(middle, 1000)),
      filteredPage: await timed(50, () => log.read(middle, 20, { bankAccountNumber: accountNumber(7) })),
    };
    return { ...results, filledIn, bytes: statSync(file).size, rss: process.memoryUsage().rss };
  },
});
