import { afterEach, describe, expect, test } from 'vitest';
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
  async function listen(token: string, after: string) {
    const open = await transport(gateway.url, TRANSACTION_EVENTS, { after }, token);
    opened.push(open);
    return open.feed;
  }

  test('of 40 listeners the owner alone reads a purchase, once for all of its sockets', async () => {
    await start();
    const { everyday, savings } = SANDBOX_ACCOUNTS;
    const [last = ''] = await accountsOf('roundTotal');
    const main = await logInAs(gateway, 'main');
    const crowd = await Promise.all(Array.from({ length: 39 }, () => logInAs(gateway, 'roundTotal')));
    const before = await eventCursor(gateway, main);
    gateway.bongloy.clearRequests();
    const feeds = [await listen(main, before), await listen(main, before)];
    const others = await Promise.all(crowd.map((token) => listen(token, before)));

    const mine = await purchases([everyday, savings], 30);
    for (const feed of feeds) expect(idsOf(await feed.events(30))).toEqual(mine);
    // One more, which the whole crowd owns: all have passed the purchases before it.
    const [end] = await purchases([last], 1);
    for (const other of others) expect(idsOf([await other.event()])).toEqual([end]);
    expect(asked()).toEqual(cost(30 + 39, 40));
  }, 60_000);

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
});
