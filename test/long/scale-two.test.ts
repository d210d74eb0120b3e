import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { allowAtCasso, COMPLETE, LOGOUT, REDIRECT_URI, result, START } from '../flow/login-support.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Child, killChildren } from '../support/child.ts';
import { ask, type Gateway } from '../support/gateway.ts';
import { type ProcessGateways, prepareGatewayProcesses } from '../support/gateway-process.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import {
  ACTIVITY_EVENTS,
  BANK_EVENTS,
  BONGLOY_SECRET,
  bongloyBody,
  cassoBody,
  cassoRow,
  idsOf,
  type Open,
  overSse,
  overWebSocket,
  postBongloy,
  postCasso,
  SECURE_TOKEN,
  type Transport,
} from '../support/news.ts';
import { connect } from '../support/ws-client.ts';

withNatsServer(() => {
  let nats: NatsCluster;
  let gateways: ProcessGateways;
  let one: string;
  let other: string;
  let children: [Child, Child];
  let token: string;
  const opened: Open[] = [];

  beforeAll(async () => {
    nats = await startNats();
    gateways = await prepareGatewayProcesses({ count: 2, env: { STORE_URL: nats.url } });
    [one = '', other = ''] = gateways.urls;
    children = [await gateways.start(0), await gateways.start(1)];
  }, 60_000);
  beforeEach(async () => {
    token = await logIn({ ...gateways, app: { url: one } });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((open) => open.close()));
  });
  afterAll(async () => {
    killChildren();
    await gateways.remove();
    await nats.dispose();
  });

  async function open(url: string, query: string, after: string, transport: Transport = overWebSocket) {
    const subscription = await transport(url, query, { after }, token);
    opened.push(subscription);
    return subscription.feed;
  }
  const cursorAt = async (url: string): Promise<string> =>
    (await ask<{ eventCursor: string }>(url, '{ eventCursor }', {}, token)).data?.eventCursor ?? '';
  const readiness = async (url: string) => {
    const response = await fetch(`${url}/readyz`);
    return { status: response.status, body: await response.json() };
  };

  describe('two gateways on one NATS server', () => {
    test('know the same sessions: who logs in at one is known to the other', async () => {
      const { data } = await ask(other, '{ viewer { kind linkedProviders } }', {}, token);
      expect(data?.['viewer']).toEqual({ kind: 'SESSION', linkedProviders: ['BONGLOY', 'CASSO'] });
    });

    test('a logout at one closes the sockets at the other with 4401, within a second, and ends the token', async () => {
      const socket = await connect(other, token);
      const feed = await open(other, BANK_EVENTS, await cursorAt(other), overSse);
      await ask(other, '{ viewer { kind } }', {}, token);
      await ask(one, LOGOUT, {}, token);
      const loggedOut = performance.now();
      expect((await socket.closed).code).toBe(4401);
      expect(performance.now() - loggedOut).toBeLessThan(1_000);
      expect((await feed.next()).errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED' });
      expect((await ask(other, '{ viewer { kind } }', {}, token)).status).toBe(401);
    });

    test('twenty requests at both, on a token that has ended, make one refresh, and none fails', async () => {
      await ask(other, '{ cardholder { name } }', {}, token);
      gateways.bongloy.control.expireAccessToken();
      gateways.bongloy.clearRequests();
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          ask(n % 2 === 0 ? one : other, `{ accounts(first: ${n + 1}) { nodes { number } } }`, {}, token),
        ),
      );
      expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
      const refreshes = gateways.bongloy.requests.filter(({ path }) => path.endsWith('/token'));
      expect(refreshes).toHaveLength(1);
    });

    test('an OAuth state is good once, wherever it is presented', async () => {
      const at = (url: string) => ({ ask: ask.bind(null, url) }) as Parameters<typeof result>[0];
      const { authorizationUrl } = await result(at(one), START, { redirectUri: REDIRECT_URI });
      const { code, state } = await allowAtCasso(authorizationUrl);
      const answers = await Promise.all(
        [one, other, one, other].map((url) => result(at(url), COMPLETE, { code, state })),
      );
      const names = answers.map(({ __typename }) => __typename);
      expect(names.filter((name) => name === 'CompleteCassoAuthorizationPayload')).toHaveLength(1);
      expect(answers.filter((answer) => 'code' in answer && answer.code === 'INVALID_STATE')).toHaveLength(3);
    });

    test('what one takes in reaches the subscribers of both once, in one order, with cursors good at either', async () => {
      const after = await cursorAt(one);
      const feeds = [
        await open(one, ACTIVITY_EVENTS, after),
        await open(other, ACTIVITY_EVENTS, after, overSse),
      ];
      const sent = await Promise.all(
        Array.from({ length: 10 }, async (_, n) => {
          const { id } = gateways.bongloy.control.makePurchase();
          const body = bongloyBody(id);
          // Each delivery comes to both, as after an answer that was lost.
          const answers = await Promise.all([one, other].map((url) => postBongloy({ url }, body)));
          expect(answers.map(({ status }) => status)).toEqual([200, 200]);
          const row = cassoRow(100_000 + n);
          await Promise.all([one, other].map((url) => postCasso({ url }, cassoBody(row))));
          return [id, String(row.id)];
        }),
      );
      const [first = [], second = []] = await Promise.all(feeds.map((feed) => feed.events(20)));
      expect(idsOf(first).toSorted()).toEqual(sent.flat().toSorted());
      expect(second).toEqual(first);
      const resumed = await open(other, ACTIVITY_EVENTS, first[9]?.cursor);
      expect(idsOf(await resumed.events(10))).toEqual(idsOf(first.slice(10)));
    });

    test('a business hears at one of what the other took in on its own accounts, not on others of the same number', async () => {
      const accountNumber = SANDBOX_BUSINESSES.main.accounts[1].accountNumber;
      gateways.casso.control.addAccount({ business: 'second', accountNumber, bankCodeName: 'acb_digi' });
      const at = { ask: ask.bind(null, other) } as Pick<Gateway, 'ask'>;
      const stranger = await linkCasso(at, SANDBOX_BUSINESSES.second.apiKey);
      const variables = { after: await cursorAt(other) };
      const strangers = await overWebSocket(other, BANK_EVENTS, variables, stranger);
      opened.push(strangers);
      const owners = await open(other, BANK_EVENTS, variables.after);
      const tell = async (id: number, bank: object) => {
        const number = { bank_sub_acc_id: accountNumber, subAccId: accountNumber };
        await postCasso({ url: one }, cassoBody(cassoRow(id, { ...number, ...bank })));
        return String(id);
      };
      const named = await tell(200_001, { bankName: 'MBBank', bankAbbreviation: 'MBB' });
      // The shop's list is asked for wherever its key is set: the number alone does not say whose it is.
      await tell(200_002, {});
      const last = await tell(200_003, { bankName: 'ACB', bankAbbreviation: 'ACB' });
      expect(idsOf([await strangers.feed.event()])).toEqual([last]);
      expect(idsOf([await owners.event()])).toEqual([named]);
    });

    test('whoever hears at one of what the other took in, and asks, reads the new balance and the new row', async () => {
      const query = `{
        accounts(first: 5) { nodes { balance { available { minorUnits } } } }
        transactions(first: 1) { nodes { providerId } }
        bankTransactions(first: 1) { nodes { providerId } }
      }`;
      gateways.bongloy.control.setWebhook({ url: `${one}/webhooks/bongloy`, secret: BONGLOY_SECRET });
      gateways.casso.control.setWebhook({
        business: 'main',
        url: `${one}/webhooks/casso`,
        version: 'v1',
        secret: SECURE_TOKEN,
      });
      const feed = await open(other, ACTIVITY_EVENTS, await cursorAt(other));
      for (let round = 0; round < 5; round += 1) {
        await ask(other, query, {}, token);
        expect((await ask(other, query, {}, token)).upstream, 'kept').toEqual({ bongloy: 0, casso: 0 });
        const purchase = gateways.bongloy.control.makePurchase({ amount: 700 });
        const [event] = await feed.events(1);
        expect(idsOf([event])).toEqual([purchase.id]);
        const { data } = await ask(other, query, {}, token);
        expect(data?.['transactions'].nodes).toEqual([{ providerId: purchase.id }]);
        const transfer = gateways.casso.control.makeTransfer({ amount: 5_000 });
        expect(idsOf(await feed.events(1))).toEqual([String(transfer.id)]);
        const after = await ask(other, query, {}, token);
        expect(after.data?.['bankTransactions'].nodes).toEqual([{ providerId: String(transfer.id) }]);
      }
    });

    test('one at a time reconciles: when it is killed with -9, the other finds what was missed, once', async () => {
      const RECONCILES = 'reconciliation is done by this process';
      const holder = await Promise.race(
        children.map(async (child, n) => child.says(RECONCILES).then(() => n)),
      );
      const idle = children[1 - holder];
      expect(idle?.log.filter(({ msg }) => msg === RECONCILES)).toEqual([]);
      const url = gateways.urls[1 - holder] ?? '';
      const feed = await open(url, BANK_EVENTS, await cursorAt(url));
      gateways.casso.control.dropNextWebhook(1);
      const missed = gateways.casso.control.makeTransfer();
      children[holder]?.signal('SIGKILL');
      await children[holder]?.exit;
      await idle?.says(RECONCILES);
      const [event] = await feed.events(1);
      expect(idsOf([event])).toEqual([String(missed.id)]);
      expect(event?.source).toBe('RECONCILIATION');
      children[holder] = await gateways.start(holder);
      expect((await postCasso({ url }, cassoBody(cassoRow(200_000)))).status).toBe(200);
      expect(idsOf(await feed.events(1)), 'not twice').toEqual(['200000']);
    }, 60_000);
  });

  describe('while NATS is away', () => {
    test('webhooks are answered 503, queries go on, /readyz says so; then subscriptions go on by themselves', async () => {
      const feeds = [
        await open(one, BANK_EVENTS, await cursorAt(one)),
        await open(other, BANK_EVENTS, await cursorAt(other), overSse),
      ];
      const query = '{ cardholder { name } viewer { linkedProviders } }';
      for (const url of [one, other]) await ask(url, query, {}, token);
      const [server] = nats.servers;
      await server?.kill();

      const deliveries = await Promise.all(
        [one, other].map((url, n) => postCasso({ url }, cassoBody(cassoRow(300_000 + n)))),
      );
      for (const { status, headers } of deliveries) {
        expect(status).toBe(503);
        expect(headers.get('retry-after')).toBe('5');
      }
      for (const url of [one, other]) {
        const { data, errors } = await ask(url, query, {}, token);
        expect(errors).toBeUndefined();
        expect(data?.['cardholder'].name).toEqual(expect.any(String));
        expect(await readiness(url)).toEqual({
          status: 503,
          body: { status: 'not ready', problem: 'the store cannot be read' },
        });
      }

      await server?.restart();
      for (const [n, url] of [one, other].entries()) {
        await expect.poll(async () => (await readiness(url)).status, { timeout: 15_000 }).toBe(200);
        expect((await postCasso({ url }, cassoBody(cassoRow(300_000 + n)))).status).toBe(200);
      }
      for (const feed of feeds) expect(idsOf(await feed.events(2))).toEqual(['300000', '300001']);
    }, 60_000);
  });
});
