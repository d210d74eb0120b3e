import { afterEach, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { SandboxOptions } from '../../src/sandbox/start.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Answer, type Gateway, startGateway } from '../support/gateway.ts';
import { listCasso, walk } from '../support/walk.ts';
import { movableClock } from './login-support.ts';

let clock: ReturnType<typeof movableClock>;
let gateway: Gateway;
let token: string;
afterEach(() => gateway.stop());

/** A gateway that Casso limits, with a session of the main business; the login was more than a minute ago. */
async function start(options: Partial<SandboxOptions> = {}, requestsPerMinute: number | null = null) {
  clock = movableClock();
  // Without the operator's key nothing is reconciled: nothing but the tests' own queries asks Casso.
  gateway = await startGateway({ clock, ...options, env: { CASSO_API_KEY: '', ...options.env } });
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
  clock.advance(2 * MINUTE);
  const ids = (await listCasso(gateway, 'main')).map(({ id }) => String(id));
  gateway.casso.control.setRequestsPerMinute(requestsPerMinute);
  gateway.casso.clearRequests();
  return ids;
}

const LIST = `query ($first: Int, $after: String) {
  bankTransactions(first: $first, after: $after) {
    nodes { providerId } pageInfo { hasNextPage endCursor }
  }
}`;

const read = (first: number, after: string | null = null) => gateway.ask(LIST, { first, after }, token);

async function page(first: number, after: string | null = null) {
  const { data, errors, upstream } = await read(first, after);
  expect(errors).toBeUndefined();
  const { nodes, pageInfo } = (data ?? {}).bankTransactions;
  return {
    ids: nodes.map(({ providerId }: { providerId: string }) => providerId),
    calls: upstream?.casso,
    pageInfo,
  };
}

/** The answer is RATE_LIMITED in the place of the list. @returns the seconds to wait. */
function limited({ status, data, errors }: Answer, field = 'bankTransactions'): number {
  expect(status).toBe(200);
  expect(data?.[field]).toBeNull();
  expect(errors).toEqual([
    {
      message: expect.stringContaining('try again in'),
      locations: expect.anything(),
      path: [field],
      extensions: { code: 'RATE_LIMITED', provider: 'CASSO', retryAfterSeconds: expect.any(Number) },
    },
  ]);
  return Number(errors?.[0]?.extensions?.['retryAfterSeconds']);
}

const statuses = () => gateway.casso.requests.map(({ status }) => status);

describe('where Casso allows two requests a minute, and the gateway knows', () => {
  const TWO = { env: { CASSO_REQUESTS_PER_MINUTE: '2' } };

  test('two hundred rows can be read in as many pages as one likes, however often', async () => {
    const ids = await start(TWO, 2);
    const walked = await walk((after) => page(20, after), { maxPages: 10 });
    expect(walked.flatMap((one) => one.ids)).toEqual(ids.slice(0, 200));
    expect(walked.map(({ calls }) => calls)).toEqual([1, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
    const again = await walk((after) => page(50, after), { maxPages: 4 });
    expect(again.map(({ calls }) => calls)).toEqual([0, 0, 0, 0]);
  });

  test('beyond, the client is told how long to wait, and Casso is left alone', async () => {
    await start(TWO, 2);
    const walked = await walk((after) => page(100, after), { maxPages: 2 });
    const answer = await read(10, walked[1]?.pageInfo.endCursor);
    const wait = limited(answer);
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
    expect(answer.upstream).toEqual({ bongloy: 0, casso: 0 });
    const accounts = await gateway.ask('{ bankAccounts { nodes { id } } }', {}, token);
    limited(accounts, 'bankAccounts');
    expect(statuses()).toEqual([200, 200]);
    // What is there already is still answered.
    expect((await page(100)).calls).toBe(0);
  });

  test('a page on the edge holds what could be read, and a cursor that goes on from there', async () => {
    const ids = await start(TWO, 2);
    const walked = await walk((after) => page(95, after), { maxPages: 3 });
    expect(walked.flatMap((one) => one.ids)).toEqual(ids.slice(0, 200));
    const { pageInfo, ids: rows } = walked[2] ?? (await page(0));
    expect(rows).toHaveLength(10);
    expect(pageInfo.hasNextPage).toBe(true);
    limited(await read(95, pageInfo.endCursor));
    expect(statuses()).toEqual([200, 200]);
  });

  test('one who walks while money moves gets every row, or is told to wait', async () => {
    const ids = await start(TWO, 2);
    const seen: string[] = [];
    let after: string | null = null;
    for (let answer = await read(40); !answer.errors; answer = await read(40, after)) {
      const { nodes, pageInfo } = (answer.data ?? {}).bankTransactions;
      seen.push(...nodes.map(({ providerId }: { providerId: string }) => providerId));
      after = pageInfo.endCursor;
      gateway.casso.control.makeTransfer();
      await gateway.casso.control.webhooksIdle();
    }
    expect(seen).toEqual(ids.slice(0, seen.length));
    expect(seen.length).toBeGreaterThanOrEqual(80);
    expect(statuses()).toEqual([200, 200]);
  });

  test('the budget of one session is not spent by another', async () => {
    const ids = await start(TWO);
    const other = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
    for (let n = 0; n < 3; n += 1) await gateway.ask('{ bankAccounts { nodes { id } } }', {}, other);
    expect((await walk((after) => page(100, after), { maxPages: 2 })).flatMap((one) => one.ids)).toEqual(
      ids.slice(0, 200),
    );
  });

  test('a 429 that comes all the same is answered at once, and Casso is left alone for as long as it asks for', async () => {
    await start(TWO);
    gateway.casso.control.setFault({ kind: 'status', code: 429, retryAfter: 40, match: '/v2' });
    expect(limited(await read(10))).toBe(40);
    limited(await read(10));
    limited(await gateway.ask('{ bankAccounts { nodes { id } } }', {}, token), 'bankAccounts');
    expect(statuses()).toEqual([429]);
    clock.advance(40 * SECOND);
    expect((await page(10)).calls).toBe(1);
  });

  test('all sessions of one API key, and their logins, share what it is allowed', async () => {
    await start(TWO, 2);
    const others = [0, 1].map(() => linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey));
    expect(await Promise.all(others)).toEqual([expect.any(String), expect.any(String)]);
    limited(await read(10));
    expect(statuses()).toEqual([200, 200]);
  });
});

describe('where the gateway does not know the limit', () => {
  test("Casso's 429 is told with its Retry-After, and what was read is still answered", async () => {
    const ids = await start({ casso: { retryAfter: 42 } }, 2);
    const walked = await walk((after) => page(100, after), { maxPages: 2 });
    const after = walked[1]?.pageInfo.endCursor;
    expect(limited(await read(10, after))).toBe(42);
    expect(statuses()).toEqual([200, 200, 429]);
    expect((await page(50, walked[0]?.pageInfo.endCursor)).ids).toEqual(ids.slice(100, 150));
    expect(statuses()).toHaveLength(3);
  });

  test('without Retry-After it is tried again, and then told to wait a minute', async () => {
    await start({}, 1);
    await page(100);
    const { pageInfo } = await page(100);
    expect(limited(await read(10, pageInfo.endCursor))).toBe(60);
    expect(statuses()).toEqual([200, 429, 429, 429]);
  });

  test('a Retry-After that fits into the request is waited for', async () => {
    const ids = await start();
    gateway.casso.control.setFault({ kind: 'status', code: 429, retryAfter: 1, match: '/v2' });
    const { ids: rows, calls } = await page(10);
    expect(rows).toEqual(ids.slice(0, 10));
    expect(calls).toBe(2);
    const [refused, answered] = gateway.casso.requests;
    expect((answered?.at ?? 0) - (refused?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  test('one that names a date is turned into seconds', async () => {
    await start();
    const date = new Date(Date.now() + MINUTE).toUTCString();
    gateway.casso.control.setFault({ kind: 'status', code: 429, retryAfter: date, match: '/v2' });
    const wait = limited(await read(10));
    expect(wait).toBeGreaterThan(50);
    expect(wait).toBeLessThanOrEqual(60);
  });

  test('an envelope that says 429 under a 200 means the same', async () => {
    await start();
    gateway.casso.control.setFault({ kind: 'envelope-error', code: 429, match: '/v2' });
    expect(limited(await read(10))).toBe(60);
    expect((await page(10)).calls).toBe(1);
  });

  test('a page on the edge holds what could be read; after the minute the walk goes on, and nothing is missed', async () => {
    const ids = await start({ casso: { retryAfter: 30 } }, 1);
    const seen: string[] = [];
    let after: string | null = null;
    for (let more = true; more; ) {
      const answer = await read(70, after);
      if (answer.errors) {
        expect(limited(answer)).toBe(30);
        clock.advance(MINUTE);
        continue;
      }
      const { nodes, pageInfo } = (answer.data ?? {}).bankTransactions;
      seen.push(...nodes.map(({ providerId }: { providerId: string }) => providerId));
      after = pageInfo.endCursor;
      more = pageInfo.hasNextPage;
    }
    expect(seen).toEqual(ids);
    expect(statuses()).toContain(429);
  });
});
