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

/** So many that not all of them read what few would. */
const CROWD = 13;

/** What Bongloy was asked since the requests were last forgotten. */
function asked() {
  const paths = gateway.bongloy.requests.map(({ path }) => path.replace('/connect/v1', ''));
  return {
    reads: paths.filter((path) => path.startsWith('/transactions/')).length,
    looks: paths.filter((path) => /^\/(accounts|transactions)\?/.test(path)).length,
    all: paths.filter((path) => !path.startsWith('/oauth')).length,
  };
}
const cost = (reads: number, looks: number) => ({ reads, looks, all: reads + looks });

/** A clock that is as far ahead as it was moved. */
function movable() {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    move(ms: number) {
      ahead += ms;
    },
  };
}

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
  async function listen(token: string, after: string) {
    const open = await transport(gateway.url, TRANSACTION_EVENTS, { after }, token);
    opened.push(open);
    return open.feed;
  }

  test('of 40 listeners the owner alone reads a purchase, and purchases of people who are not connected cost nothing more', async () => {
    await start();
    const { everyday, savings } = SANDBOX_ACCOUNTS;
    const [last = ''] = await accountsOf('roundTotal');
    const main = await logInAs(gateway, 'main');
    const crowd: string[] = [];
    for (let n = 0; n < 39; n += 1) crowd.push(await logInAs(gateway, 'roundTotal'));
    const before = await eventCursor(gateway, main);
    gateway.bongloy.clearRequests();
    const feeds = [await listen(main, before), await listen(main, before)];
    const others = await Promise.all(crowd.map((token) => listen(token, before)));
    // All have their list of accounts, which is the first call of each.
    const [own, begun] = await purchases([everyday, last], 2);
    for (const feed of feeds) expect(idsOf([await feed.event()])).toEqual([own]);
    for (const other of others) expect(idsOf([await other.event()])).toEqual([begun]);
    expect(asked().looks).toBe(40);

    const strangers = await accountsOf('sampleCards');
    gateway.bongloy.clearRequests();
    const mine: string[] = [];
    for (let n = 0; n < 30; n += 1) {
      await purchases(strangers, 1);
      mine.push(...(await purchases([n % 2 === 0 ? everyday : savings], 1)));
    }
    for (const feed of feeds) expect(idsOf(await feed.events(30))).toEqual(mine);
    // One more, which the whole crowd owns: all have passed the purchases before it.
    const [end] = await purchases([last], 1);
    for (const other of others) expect(idsOf([await other.event()])).toEqual([end]);
    expect(asked()).toEqual(cost(30 + 39, 0));
  }, 120_000);

  test('an account that is opened while its owner listens: its first event comes in its place, and later ones cost one read', async () => {
    await start();
    const [main, other] = [await logInAs(gateway, 'main'), await logInAs(gateway, 'roundTotal')];
    const [last = ''] = await accountsOf('roundTotal');
    const before = await eventCursor(gateway, main);
    const feeds = [await listen(main, before), await listen(other, before)] as const;
    const [first] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    expect(idsOf([await feeds[0].event()])).toEqual([first]);
    const { id: accountId } = gateway.bongloy.control.addAccount({ cardholder: SANDBOX_CARDHOLDERS.main });
    const fresh = await purchases([accountId, SANDBOX_ACCOUNTS.everyday], 2);
    expect(idsOf(await feeds[0].events(2))).toEqual(fresh);
    const [passed] = await purchases([last], 1);
    expect(idsOf([await feeds[1].event()])).toEqual([passed]);
    gateway.bongloy.clearRequests();
    const later = await purchases([accountId, accountId], 2);
    expect(idsOf(await feeds[0].events(2))).toEqual(later);
    const [end] = await purchases([last], 1);
    expect(idsOf([await feeds[1].event()])).toEqual([end]);
    expect(asked()).toEqual(cost(3, 0));
  });

  test('two logins of one cardholder, one of them from before an account was opened: both get its events', async () => {
    await start();
    const early = await logInAs(gateway, 'main');
    const before = await eventCursor(gateway, early);
    const feed = await listen(early, before);
    const [first] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    expect(idsOf([await feed.event()])).toEqual([first]);
    const { id: accountId } = gateway.bongloy.control.addAccount({ cardholder: SANDBOX_CARDHOLDERS.main });
    const late = await listen(await logInAs(gateway, 'main'), before);
    expect(idsOf([await late.event()])).toEqual([first]);
    const fresh = await purchases([accountId], 1);
    expect(idsOf([await feed.event()])).toEqual(fresh);
    expect(idsOf([await late.event()])).toEqual(fresh);
  });

  test('where lists of accounts cannot be read, each listener reads each event', async () => {
    await start();
    const [main, other] = [await logInAs(gateway, 'main'), await logInAs(gateway, 'roundTotal')];
    const [his = ''] = await accountsOf('roundTotal');
    const before = await eventCursor(gateway, main);
    gateway.bongloy.control.setFault({
      kind: 'status',
      code: 500,
      match: '/connect/v1/accounts',
      times: 10_000,
    });
    const feeds = [await listen(main, before), await listen(other, before)] as const;
    const mine = await purchases([SANDBOX_ACCOUNTS.everyday], 2);
    const hisOnes = await purchases([his], 2);
    expect(idsOf(await feeds[0].events(2))).toEqual(mine);
    expect(idsOf(await feeds[1].events(2))).toEqual(hisOnes);
  });

  test('where the listener whose account is named cannot be asked, the owner still gets the event', async () => {
    await start();
    const [main, other] = [await logInAs(gateway, 'main'), await logInAs(gateway, 'roundTotal')];
    const [his = ''] = await accountsOf('roundTotal');
    const before = await eventCursor(gateway, main);
    const feeds = [await listen(main, before), await listen(other, before)] as const;
    const [first] = await purchases([his], 1);
    expect(idsOf([await feeds[1].event()])).toEqual([first]);
    gateway.bongloy.control.revokeTokens({ cardholder: SANDBOX_CARDHOLDERS.roundTotal });
    gateway.bongloy.control.dropNextWebhook(1);
    const { id } = gateway.bongloy.control.makePurchase({ accountId: SANDBOX_ACCOUNTS.everyday });
    expect((await postBongloy(gateway, bongloyBody(id, his))).status).toBe(200);
    expect(idsOf([await feeds[0].event()])).toEqual([id]);
  });

  test('in a crowd, an account that is opened while its owner listens: its first events come late, in order, and later ones in their place', async () => {
    const clock = movable();
    await start({ clock, waits: { lookEvery: 50 } });
    const main = await logInAs(gateway, 'main');
    const before = await eventCursor(gateway, main);
    const feed = await listen(main, before);
    const again = await listen(main, before);
    for (let n = 0; n < CROWD; n += 1) await listen(await logInAs(gateway, 'roundTotal'), before);
    const [first] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    const { id: accountId } = gateway.bongloy.control.addAccount({ cardholder: SANDBOX_CARDHOLDERS.main });
    const fresh = await purchases([accountId, accountId], 2);
    const [second] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    for (const one of [feed, again]) expect(idsOf(await one.events(2))).toEqual([first, second]);
    clock.move(76_000);
    for (const one of [feed, again]) {
      const late = await one.events(2);
      expect(idsOf(late)).toEqual(fresh);
      expect(late.map(({ source }) => source)).toEqual(['LATE', 'LATE']);
    }
    gateway.bongloy.clearRequests();
    const later = await purchases([accountId, SANDBOX_ACCOUNTS.everyday], 2);
    for (const one of [feed, again]) expect(idsOf(await one.events(2))).toEqual(later);
    // Whoever resumes from before gets each of them once, at the same positions.
    const resumed = await listen(main, before);
    const all = [first, second, ...fresh, ...later];
    expect(idsOf(await resumed.events(6))).toEqual(all);
    const page = await gateway.ask(EVENT_PAGE, { after: before }, main);
    expect(idsOf(page.data?.transactionEvents.nodes)).toEqual(all);
  }, 60_000);

  test('in a crowd, a body that names an account of no listener keeps the event from its owner for a minute at most, and tells no other', async () => {
    const clock = movable();
    await start({ clock, waits: { lookEvery: 50 } });
    const main = await logInAs(gateway, 'main');
    const before = await eventCursor(gateway, main);
    const feed = await listen(main, before);
    const others = [];
    for (let n = 0; n < CROWD; n += 1)
      others.push(await listen(await logInAs(gateway, 'roundTotal'), before));
    const [strangers] = await accountsOf('sampleCards');
    const ids: string[] = [];
    for (const named of [strangers, randomUUID()]) {
      gateway.bongloy.control.dropNextWebhook(1);
      const { id } = gateway.bongloy.control.makePurchase({ accountId: SANDBOX_ACCOUNTS.everyday });
      expect((await postBongloy(gateway, bongloyBody(id, named))).status).toBe(200);
      ids.push(id);
    }
    clock.move(76_000);
    expect(idsOf(await feed.events(2)).toSorted()).toEqual(ids.toSorted());
    const [last] = await purchases(await accountsOf('roundTotal'), 1);
    for (const other of others) expect(idsOf([await other.event()])).toEqual([last]);
  }, 60_000);
});

const EVENT_PAGE = `query ($after: String) { transactionEvents(first: 100, after: $after) {
  nodes { transaction { providerId } } pageInfo { endCursor hasNextPage } } }`;

describe('what happened to others in the meantime', () => {
  const CLIENTS = 6;
  let folder: string;
  let before: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mekong-'));
    const env = { STORE_KEYS: randomBytes(32).toString('base64') };
    await start({ folder, env });
    before = await eventCursor(gateway, await logInAs(gateway, 'main'));
    const accounts = Array.from({ length: 50 }, () => randomUUID());
    for (let n = 0; n < 1_000; n += 100) {
      const bodies = Array.from({ length: 100 }, (_, index) =>
        bongloyBody(randomUUID(), accounts[(n + index) % 50]),
      );
      const answers = await Promise.all(bodies.map((body) => postBongloy(gateway, body)));
      if (answers.some(({ status }) => status !== 200)) throw new Error('a webhook was refused');
    }
    await gateway.stop();
    // Another process: it knows nothing but the log.
    await start({ folder, env });
  }, 60_000);
  afterEach(() => rm(folder, { recursive: true }));

  test.each(TRANSPORTS)(
    'resuming over %s costs each login its two lists, and no read, for 1,000 events of others',
    async (_name, transport) => {
      const tokens = await Promise.all(Array.from({ length: CLIENTS }, () => logInAs(gateway, 'main')));
      gateway.bongloy.control.dropNextWebhook(1);
      const { id: mine } = gateway.bongloy.control.makePurchase();
      // What it names is forged: it is found in the owner's own list.
      await postBongloy(gateway, bongloyBody(mine, randomUUID()));
      const [last] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
      gateway.bongloy.clearRequests();
      const feeds = await Promise.all(
        tokens.map(async (token) => {
          const open = await transport(gateway.url, TRANSACTION_EVENTS, { after: before }, token);
          opened.push(open);
          return open.feed;
        }),
      );
      for (const feed of feeds) expect(idsOf(await feed.events(2))).toEqual([mine, last]);
      expect(asked()).toEqual(cost(2 * CLIENTS, 2 * CLIENTS));
    },
    60_000,
  );

  test('paging over them with transactionEvents costs two lists for all pages, and no read', async () => {
    const token = await logInAs(gateway, 'main');
    const [last] = await purchases([SANDBOX_ACCOUNTS.everyday], 1);
    gateway.bongloy.clearRequests();
    const told: string[] = [];
    let page = { hasNextPage: true, endCursor: before };
    while (page.hasNextPage) {
      const { data, errors } = await gateway.ask(EVENT_PAGE, { after: page.endCursor }, token);
      expect(errors).toBeUndefined();
      told.push(...idsOf(data?.transactionEvents.nodes));
      page = data?.transactionEvents.pageInfo;
    }
    expect(told).toEqual([last]);
    expect(asked()).toEqual(cost(1, 2));
  });
});
