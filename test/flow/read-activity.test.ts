import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { HOUR, SECOND } from '../../src/lib/duration.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, listBongloy, logInAs } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { listCasso, walk } from '../support/walk.ts';
import { movableClock } from './login-support.ts';

type Provider = 'BONGLOY' | 'CASSO';

/** Without the operator's key nothing is reconciled: no other request takes the faults. */
const QUIET = { CASSO_API_KEY: '' };

const clock = movableClock();
let gateway: Gateway;
/** Of each test, linked to both providers, so that nothing is kept from the one before. */
let token: string;

beforeAll(async () => {
  gateway = await startGateway({ env: QUIET, clock });
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  gateway.bongloy.control.clearFaults();
  gateway.casso.control.clearFaults();
  token = await gateway.logIn();
});

interface Row {
  readonly id: string;
  readonly provider: Provider;
  readonly occurredAt: string;
}

const ACTIVITY = `query ($first: Int, $after: String) {
  activity(first: $first, after: $after) {
    edges { cursor node { id provider occurredAt } }
    nodes { id provider occurredAt }
    unavailableProviders
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

/** A way to ask for pages, with what each cost and which failures it told; it is checked to agree with itself. */
function pages(first: number, by = token, of = gateway) {
  return async (after: string | null) => {
    const { data, errors = [], upstream } = await of.ask(ACTIVITY, { first, after }, by);
    const { edges, nodes, unavailableProviders, pageInfo } = (data ?? {}).activity;
    const rows: Row[] = edges.map(({ node }: { node: Row }) => node);
    expect(nodes).toEqual(rows);
    expect(pageInfo.hasPreviousPage).toBe(after !== null);
    expect(pageInfo.startCursor).toBe(edges[0]?.cursor ?? null);
    if (rows.length > 0) expect(pageInfo.endCursor).toBe(edges.at(-1).cursor);
    return { rows, unavailableProviders, pageInfo, errors, upstream: upstream ?? { bongloy: 0, casso: 0 } };
  };
}

type Page = Awaited<ReturnType<ReturnType<typeof pages>>>;

const rowsOf = (walked: readonly Page[]) => walked.flatMap(({ rows }) => rows);
const of = (provider: Provider, rows: readonly Row[]) => rows.filter((row) => row.provider === provider);

/** The demo cardholder's card transactions, newest first, as Bongloy itself lists them. */
async function bongloyRows(from = gateway): Promise<Row[]> {
  const rows: Row[] = [];
  for (let [after, more] = ['', true]; more; ) {
    const { data, links } = await listBongloy(from, 'main', `/transactions?page[size]=100${after}`);
    for (const { id, attributes } of data) {
      const occurredAt = new Date(String(attributes['transaction_time'])).toISOString();
      rows.push({ id: encodeGlobalId('Transaction', id), provider: 'BONGLOY', occurredAt });
    }
    [after, more] = [`&page[after]=${data.at(-1)?.id}`, links.next !== null];
  }
  return rows;
}

/** The demo business's bank transactions, newest first, as Casso itself lists them. */
async function cassoRows(from = gateway): Promise<Row[]> {
  return (await listCasso(from, 'main')).map(({ id, when }) => ({
    id: encodeGlobalId('BankTransaction', String(id)),
    provider: 'CASSO',
    occurredAt: new Date(`${when.length === 10 ? `${when}T00:00:00` : when}+07:00`).toISOString(),
  }));
}

/** Both lists as one, newest first; at the same moment Bongloy's before Casso's. */
async function everything(): Promise<Row[]> {
  const rows = [...(await bongloyRows()), ...(await cassoRows())];
  return rows.sort((a, b) => Date.parse(b.occurredAt) - Date.parse(a.occurredAt));
}

/** A card payment and a bank transfer, and their webhooks have been answered. */
async function traffic(): Promise<void> {
  // So that new rows of both take turns in the list.
  clock.advance(SECOND);
  gateway.bongloy.control.makePurchase();
  gateway.casso.control.makeTransfer();
  await Promise.all([gateway.bongloy.control.webhooksIdle(), gateway.casso.control.webhooksIdle()]);
}

/** Every row that was there at the start comes once, each provider's in their order, and no row comes twice. */
function expectComplete(walked: readonly Page[], model: readonly Row[]): void {
  const rows = rowsOf(walked);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  const known = new Set(model.map(({ id }) => id));
  for (const provider of ['BONGLOY', 'CASSO'] as const) {
    const seen = of(provider, rows).filter(({ id }) => known.has(id));
    expect(seen).toEqual(of(provider, model));
  }
  expect(walked.at(-1)?.pageInfo.hasNextPage).toBe(false);
}

const UNDISTURBED = { errors: [], unavailableProviders: [] };

describe('both providers in one list', () => {
  test('the newest 150 in pages of 10: both in the order of time, a call each for a page at most', async () => {
    const model = await everything();
    const walked = await walk(pages(10), { maxPages: 15 });
    const rows = rowsOf(walked);
    expect(rows).toEqual(model.slice(0, 150));
    expect(of('BONGLOY', rows).length).toBeGreaterThan(10);
    expect(of('CASSO', rows).length).toBeGreaterThan(10);
    for (const page of walked) expect(page).toMatchObject(UNDISTURBED);
    expect(walked.every(({ upstream }) => upstream.bongloy <= 1)).toBe(true);
    const needed = Math.ceil((of('CASSO', rows).length + 1) / 100);
    expect(walked.reduce((sum, { upstream }) => sum + upstream.casso, 0)).toBe(needed);
  });

  test.each([33, 100])('down to the oldest row of either, in pages of %i: every row once', async (first) => {
    const model = await everything();
    const walked = await walk(pages(first));
    expect(rowsOf(walked)).toEqual(model);
    expect(walked).toHaveLength(Math.ceil(model.length / first));
    for (const page of walked) expect(page).toMatchObject(UNDISTURBED);
    const ended = walked.findLastIndex(({ rows }) => of('BONGLOY', rows).length > 0);
    for (const { upstream } of walked.slice(ended + 2)) expect(upstream.bongloy).toBe(0);
  });

  test('goes on behind any row, not only the last of a page', async () => {
    const model = await everything();
    const { data } = await gateway.ask(ACTIVITY, { first: 30 }, token);
    for (const n of [0, 7, 28]) {
      const { rows } = await pages(5)(data?.activity.edges[n].cursor);
      expect(rows).toEqual(model.slice(n + 1, n + 6));
    }
  });

  test('without rows it says whether there is one', async () => {
    const page = await pages(0)(null);
    expect(page).toMatchObject({ rows: [], ...UNDISTURBED });
    expect(page.pageInfo.hasNextPage).toBe(true);
    // And where the first one is.
    expect((await pages(3)(page.pageInfo.endCursor)).rows).toEqual((await everything()).slice(0, 3));
  });
});

describe('while cards are used and money is transferred', () => {
  test.each([20, 100])(
    'a walk in pages of %i shows what was there when it began, and nothing twice',
    async (first) => {
      const model = await everything();
      const head = model.slice(0, first);
      expect(of('BONGLOY', head).length * of('CASSO', head).length).toBeGreaterThan(0);
      const walked = await walk(pages(first), { between: traffic });
      expect(rowsOf(walked)).toEqual(model);
    },
  );

  test('in pages of one row, too: what is new comes only from a provider that was not shown from yet', async () => {
    await traffic();
    const model = await everything();
    const walked = await walk(pages(1), { between: (n) => n < 10 && traffic(), maxPages: 40 });
    const rows = rowsOf(walked);
    const shown = rows[0]?.provider;
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const known = new Set(model.map(({ id }) => id));
    for (const row of rows) if (!known.has(row.id)) expect(row.provider).not.toBe(shown);
    const old = rows.filter(({ id }) => known.has(id));
    for (const provider of ['BONGLOY', 'CASSO'] as const) {
      const seen = of(provider, old);
      expect(seen).toEqual(of(provider, model).slice(0, seen.length));
    }
  });
});

const DOWN = { kind: 'status', code: 500, times: 1_000 } as const;
const BUSY = { kind: 'status', code: 429, retryAfter: 30, times: 1_000 } as const;

/** From now on the provider does not answer. */
function breakDown(provider: Provider, fault: typeof DOWN | typeof BUSY): void {
  if (provider === 'BONGLOY') gateway.bongloy.control.setFault({ ...fault, match: '/connect' });
  else gateway.casso.control.setFault({ ...fault, match: '/v2' });
}

/** So that the gateway holds nothing from before: Casso's rows stay for an hour after they were asked for last. */
async function holdNothing(): Promise<void> {
  await traffic();
  clock.advance(2 * HOUR);
}

function mend(): void {
  gateway.bongloy.control.clearFaults();
  gateway.casso.control.clearFaults();
}

describe.each([
  ['BONGLOY', 'is down', DOWN, { code: 'UPSTREAM_UNAVAILABLE' }],
  ['CASSO', 'is down', DOWN, { code: 'UPSTREAM_UNAVAILABLE' }],
  ['CASSO', 'allows no more requests', BUSY, { code: 'RATE_LIMITED', retryAfterSeconds: 30 }],
] as const)('when %s %s in the middle of a walk', (provider, _how, fault, extensions) => {
  test('the other goes on, the page says who is missing and why, and its rows come later: nothing is lost', async () => {
    const model = await everything();
    const walked = await walk(pages(40), {
      between: async (n) => {
        if (n === 4) mend();
        if (n !== 2) return;
        await holdNothing();
        breakDown(provider, fault);
      },
    });
    for (const [n, page] of walked.entries()) {
      if (n < 2 || n >= 4) {
        expect(page).toMatchObject(UNDISTURBED);
        continue;
      }
      expect(page.unavailableProviders).toEqual([provider]);
      expect(page.errors).toEqual([
        { message: expect.any(String), path: ['activity'], extensions: { provider, ...extensions } },
      ]);
      expect(page.rows).toHaveLength(40);
      expect(of(provider, page.rows)).toEqual([]);
      expect(page.pageInfo.hasNextPage).toBe(true);
    }
    expect(rowsOf(walked.slice(0, 2))).toEqual(model.slice(0, 80));
    expect(of(provider, walked[4]?.rows ?? []).length).toBeGreaterThan(0);
    expectComplete(walked, model);
  });

  test('the page asked for again when it is back is the page that it would have been', async () => {
    const model = await everything();
    const [first] = await walk(pages(40), { maxPages: 1 });
    const after = first?.pageInfo.endCursor ?? null;
    await holdNothing();
    breakDown(provider, fault);
    expect((await pages(40)(after)).unavailableProviders).toEqual([provider]);
    mend();
    const again = await pages(40)(after);
    expect(again).toMatchObject(UNDISTURBED);
    expect(again.rows).toEqual(model.slice(40, 80));
  });

  test('at the first page, its rows begin with the newest when it is back', async () => {
    const model = await everything();
    breakDown(provider, fault);
    const walked = await walk(pages(100), { between: (n) => n === 1 && mend() });
    expect(walked[0]?.unavailableProviders).toEqual([provider]);
    expectComplete(walked, model);
  });
});

test('what was read before a provider went down is still shown', async () => {
  const model = await everything();
  const [first] = await walk(pages(10), { maxPages: 1 });
  breakDown('CASSO', DOWN);
  const second = await pages(10)(first?.pageInfo.endCursor ?? null);
  expect(second).toMatchObject({ ...UNDISTURBED, rows: model.slice(10, 20) });
});

describe('when both are down there is no row, both are told, and the same cursor goes on when they are back', () => {
  test.each([
    ['at the head', 0],
    ['further on', 1],
  ])('%s', async (_where, read) => {
    const model = await everything();
    const walked = read === 0 ? [] : await walk(pages(25), { maxPages: read });
    if (read > 0) await holdNothing();
    breakDown('BONGLOY', DOWN);
    breakDown('CASSO', DOWN);
    const page = await pages(25)(walked.at(-1)?.pageInfo.endCursor ?? null);
    expect(page.rows).toEqual([]);
    expect(page.unavailableProviders).toEqual(['BONGLOY', 'CASSO']);
    expect(page.errors.map(({ path, extensions }) => ({ path, extensions }))).toEqual(
      ['BONGLOY', 'CASSO'].map((provider) => ({
        path: ['activity'],
        extensions: { code: 'UPSTREAM_UNAVAILABLE', provider },
      })),
    );
    expect(page.pageInfo.hasNextPage).toBe(true);
    mend();
    const resumed = await pages(25)(page.pageInfo.endCursor);
    expect(resumed).toMatchObject({ ...UNDISTURBED, rows: model.slice(read * 25, read * 25 + 25) });
  });
});

test('the failure is told at the name that the client gave the list', async () => {
  breakDown('BONGLOY', DOWN);
  const { errors } = await gateway.ask('{ feed: activity(first: 1) { nodes { id } } }', {}, token);
  expect(errors?.map(({ path }) => path)).toEqual([['feed']]);
});

describe('a provider that the session loses in the middle of a walk', () => {
  test('is told once, is then left out, and goes on where it stood when it is linked again', async () => {
    const model = await everything();
    const walked = await walk(pages(40), {
      between: async (n) => {
        if (n === 2) {
          await traffic();
          gateway.bongloy.control.revokeTokens();
        }
        if (n === 5) expect(await logInAs(gateway, 'main', token)).toBe(token);
      },
    });
    const [told, ...left] = walked.slice(2, 5);
    expect(told?.unavailableProviders).toEqual(['BONGLOY']);
    expect(told?.errors).toMatchObject([
      { path: ['activity'], extensions: { code: 'UNAUTHENTICATED', provider: 'BONGLOY' } },
    ]);
    for (const page of left) expect(page).toMatchObject(UNDISTURBED);
    for (const page of [told, ...left]) expect(page && of('BONGLOY', page.rows)).toEqual([]);
    expect(rowsOf(walked.slice(0, 2))).toEqual(model.slice(0, 80));
    expectComplete(walked, model);
  });

  test('is told of an API key that was deleted', async () => {
    const time = movableClock();
    const own = await startGateway({ env: QUIET, clock: time });
    try {
      const by = await own.logIn();
      const [first] = await walk(pages(20, by, own), { maxPages: 1 });
      own.casso.control.revokeKey();
      time.advance(2 * HOUR);
      const page = await pages(20, by, own)(first?.pageInfo.endCursor ?? null);
      expect(page.unavailableProviders).toEqual(['CASSO']);
      expect(page.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', provider: 'CASSO' } }]);
      expect(page.rows).toHaveLength(20);
    } finally {
      await own.stop();
    }
  });
});

test('a cursor of a session with another business is refused, and shows nothing of it', async () => {
  const second = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
  const [first] = await walk(pages(5, second), { maxPages: 1 });
  const { data, errors } = await gateway.ask(ACTIVITY, { after: first?.pageInfo.endCursor }, token);
  expect(data).toEqual({ activity: null });
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT', field: 'after' }]);
});

const OFF = {
  BONGLOY: ['API_URL', 'CLIENT_ID', 'CLIENT_SECRET', 'API_TOKEN', 'WEBHOOK_SECRETS'],
  CASSO: [
    'API_URL',
    'API_KEY',
    'CLIENT_ID',
    'CLIENT_SECRET',
    'REDIRECT_URIS',
    'WEBHOOK_CHECKSUM_KEYS',
    'WEBHOOK_SECURE_TOKENS',
  ],
} as const;
const off = (provider: Provider) =>
  Object.fromEntries(OFF[provider].map((name) => [`${provider}_${name}`, '']));

describe("with one provider alone the list is that provider's, whole and undisturbed", () => {
  test.each([
    [
      'Bongloy is off',
      off('BONGLOY'),
      cassoRows,
      (of: Gateway) => linkCasso(of, SANDBOX_BUSINESSES.main.apiKey),
    ],
    ['Casso is off', off('CASSO'), bongloyRows, (of: Gateway) => logInAs(of, 'main')],
    ['the operator asks', {}, cassoRows, (of: Gateway) => of.operatorToken(['casso:read'])],
    [
      'only Casso is linked',
      QUIET,
      cassoRows,
      (of: Gateway) => linkCasso(of, SANDBOX_BUSINESSES.main.apiKey),
    ],
    ['only Bongloy is linked', QUIET, bongloyRows, (of: Gateway) => logInAs(of, 'main')],
  ] as const)('%s', async (_why, env, rows, whoever) => {
    const own = await startGateway({ env });
    try {
      const walked = await walk(pages(100, await whoever(own), own));
      expect(rowsOf(walked)).toEqual(await rows(own));
      for (const page of walked) expect(page).toMatchObject(UNDISTURBED);
    } finally {
      await own.stop();
    }
  });
});
