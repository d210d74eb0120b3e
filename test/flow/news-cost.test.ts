import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SANDBOX_ACCOUNTS, SANDBOX_CARDHOLDERS } from '../../src/providers/bongloy/sandbox/index.ts';
import type { SandboxOptions } from '../../src/sandbox/start.ts';
import { type CardholderName, listBongloy, logInAs } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import {
  bongloyBody,
  eventCursor,
  idsOf,
  type Open,
  postBongloy,
  startNews,
  TRANSACTION_EVENTS,
  TRANSPORTS,
} from '../support/news.ts';

let gateway: Gateway;
const opened: Open[] = [];
const start = async (options: Partial<SandboxOptions> = {}) => {
  gateway = await startNews(options);
};
afterEach(async () => {
  await Promise.all(opened.splice(0).map((open) => open.close()));
  await gateway.stop();
});

/** What Bongloy was asked since the requests were last forgotten. */
function asked() {
  const paths = gateway.bongloy.requests.map(({ path }) => path.replace('/connect/v1', ''));
  return {
    reads: paths.filter((path) => path.startsWith('/transactions/')).length,
    looks: paths.filter((path) => path.startsWith('/accounts?')).length,
    all: paths.filter((path) => !path.startsWith('/oauth')).length,
  };
}
const cost = (reads: number, looks: number) => ({ reads, looks, all: reads + looks });

async function accountsOf(name: CardholderName): Promise<readonly string[]> {
  return (await listBongloy(gateway, name, '/accounts')).data.map(({ id }) => id);
}

async function purchases(accountIds: readonly string[], count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push(gateway.bongloy.control.makePurchase({ accountId: accountIds[n % accountIds.length] }).id);
    await gateway.bongloy.control.webhooksIdle();
  }
  return ids;
}

describe.each(TRANSPORTS)('over %s', (_name, transport) => {
  async function listen(token: string, after: string, filter?: object) {
    const open = await transport(gateway.url, TRANSACTION_EVENTS, { after, filter }, token);
    opened.push(open);
    return open.feed;
  }

  test('a crowd of 40 costs one read for each purchase of a listener, and one look each for the purchases of all others', async () => {
    await start();
    const { everyday, savings } = SANDBOX_ACCOUNTS;
    const [stranger = '', laterStranger = ''] = [
      ...(await accountsOf('sampleCards')),
      ...(await accountsOf('metaKanha')),
    ];
    const [last = ''] = await accountsOf('roundTotal');
    const main = await logInAs(gateway, 'main');
    const crowd = await Promise.all(Array.from({ length: 39 }, () => logInAs(gateway, 'roundTotal')));
    const before = await eventCursor(gateway, main);
    const feed = await listen(main, before);
    // A second socket of the same login shares everything.
    const again = await listen(main, before);
    const others = await Promise.all(crowd.map((token) => listen(token, before)));
    gateway.bongloy.clearRequests();

    const strangers = await purchases([stranger], 30);
    const mine = await purchases([everyday, savings], 30);
    expect(strangers).toHaveLength(30);
    expect(idsOf(await feed.events(30))).toEqual(mine);
    expect(idsOf(await again.events(30))).toEqual(mine);
    // One more, which the whole crowd owns: all have passed the purchases before it.
    const [end] = await purchases([last], 1);
    for (const other of others) expect(idsOf([await other.event()])).toEqual([end]);
    expect(asked()).toEqual(cost(30 + 39, 40));

    // An account that is named for the first time: one more look each. From then on it costs nothing.
    gateway.bongloy.clearRequests();
    await purchases([laterStranger, laterStranger, laterStranger], 3);
    const [closing] = await purchases([last], 1);
    for (const other of others) expect(idsOf([await other.event()])).toEqual([closing]);
    const [own] = await purchases([everyday], 1);
    expect(idsOf([await feed.event()])).toEqual([own]);
    expect(asked()).toEqual(cost(39 + 1, 40));
  }, 60_000);

  test('an account that is opened while its owner listens: its first event comes, before those behind it', async () => {
    await start({ waits: { lookEvery: 500 } });
    const main = await logInAs(gateway, 'main');
    const feed = await listen(main, await eventCursor(gateway, main));
    const [first] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    expect(idsOf([await feed.event()])).toEqual([first]);
    gateway.bongloy.clearRequests();
    const { id: accountId } = gateway.bongloy.control.addAccount({ cardholder: SANDBOX_CARDHOLDERS.main });
    const ids = await purchases([accountId, SANDBOX_ACCOUNTS.everyday, accountId], 3);
    expect(idsOf(await feed.events(3))).toEqual(ids);
    expect(asked()).toEqual(cost(3, 1));
  });

  test('the list cannot be read: each reads for itself, and hears of its own', async () => {
    await start({ waits: { lookEvery: 100 } });
    const [main, other] = [await logInAs(gateway, 'main'), await logInAs(gateway, 'roundTotal')];
    const [his = ''] = await accountsOf('roundTotal');
    const before = await eventCursor(gateway, main);
    const feeds = [await listen(main, before), await listen(other, before)] as const;
    gateway.bongloy.control.setFault({
      kind: 'status',
      code: 500,
      match: '/connect/v1/accounts',
      times: 10_000,
    });
    const mine = await purchases([SANDBOX_ACCOUNTS.everyday], 2);
    const hisOnes = await purchases([his], 2);
    expect(idsOf(await feeds[0].events(2))).toEqual(mine);
    expect(idsOf(await feeds[1].events(2))).toEqual(hisOnes);
  }, 60_000);

  test('a listener whose login has ended does not make the others ask for its purchases', async () => {
    await start();
    const [main, other] = [await logInAs(gateway, 'main'), await logInAs(gateway, 'roundTotal')];
    const [his = ''] = await accountsOf('roundTotal');
    const before = await eventCursor(gateway, main);
    const feeds = [await listen(main, before), await listen(other, before)] as const;
    const [first] = await purchases([his], 1);
    expect(idsOf([await feeds[1].event()])).toEqual([first]);
    gateway.bongloy.control.revokeTokens({ cardholder: SANDBOX_CARDHOLDERS.roundTotal });
    await purchases([his, his], 2);
    const [last] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    expect(idsOf([await feeds[0].event()])).toEqual([last]);
    const by = gateway.bongloy.requests.filter(
      ({ path, status }) => path.includes('/transactions/') && status === 404,
    );
    expect(by).toEqual([]);
  });
});

describe('what happened to others in the meantime', () => {
  const STRANGERS = 1_000;
  const CLIENTS = 6;
  let folder: string;
  let before: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mekong-'));
    const env = { STORE_KEYS: randomBytes(32).toString('base64') };
    await start({ folder, env });
    before = await eventCursor(gateway, await logInAs(gateway, 'main'));
    const accounts = Array.from({ length: 50 }, () => randomUUID());
    for (let n = 0; n < STRANGERS; n += 100) {
      const bodies = Array.from({ length: 100 }, (_, index) =>
        bongloyBody(randomUUID(), accounts[(n + index) % 50]),
      );
      const answers = await Promise.all(bodies.map((body) => postBongloy(gateway, body)));
      if (answers.some(({ status }) => status !== 200)) throw new Error('a webhook was refused');
    }
    await gateway.stop();
    // Another process: it knows nothing but the log. Its clock is ahead of what was taken in, as after a deploy.
    await start({ folder, env, clock: { now: () => Date.now() + 60_000 } });
  }, 60_000);
  afterEach(() => rm(folder, { recursive: true }));

  test.each(TRANSPORTS)(
    'resuming over %s costs a look each, and no read, for 1,000 events of others',
    async (_name, transport) => {
      const tokens = await Promise.all(Array.from({ length: CLIENTS }, () => logInAs(gateway, 'main')));
      gateway.bongloy.clearRequests();
      const feeds = await Promise.all(
        tokens.map(async (token) => {
          const open = await transport(gateway.url, TRANSACTION_EVENTS, { after: before }, token);
          opened.push(open);
          return open.feed;
        }),
      );
      const [last] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
      for (const feed of feeds) expect(idsOf([await feed.event()])).toEqual([last]);
      expect(asked()).toEqual(cost(CLIENTS, CLIENTS));
    },
    60_000,
  );

  test('paging over them with transactionEvents costs a look for all pages, and no read', async () => {
    const token = await logInAs(gateway, 'main');
    const [last] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    gateway.bongloy.clearRequests();
    const query = `query ($after: String) { transactionEvents(first: 100, after: $after) {
      nodes { transaction { providerId } } pageInfo { endCursor hasNextPage } } }`;
    const told: string[] = [];
    let page = { hasNextPage: true, endCursor: before };
    while (page.hasNextPage) {
      const { data, errors } = await gateway.ask(query, { after: page.endCursor }, token);
      expect(errors).toBeUndefined();
      told.push(...idsOf(data?.transactionEvents.nodes));
      page = data?.transactionEvents.pageInfo;
    }
    expect(told).toEqual([last]);
    expect(asked()).toEqual(cost(1, 1));
  });
});
