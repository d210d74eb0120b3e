import { randomBytes, randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SANDBOX_ACCOUNTS } from '../../src/providers/bongloy/sandbox/index.ts';
import { listBongloy, logInAs } from '../support/cardholder.ts';
import type { Feed } from '../support/feed.ts';
import type { Gateway } from '../support/gateway.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import {
  BONGLOY_SECRET,
  bongloyBody,
  eventCursor,
  idsOf,
  type Open,
  postBongloy,
  startNews,
  TRANSACTION_EVENTS,
  TRANSPORTS,
} from '../support/news.ts';

/** So many listeners that a process passes over what no listener is known to own. */
const CROWD = 13;
/** A bit more than the time between two looks at what was passed over. */
const UNTIL_LOOKED = 76_000;

withNatsServer(() => {
  let nats: NatsCluster;
  let gateways: [Gateway, Gateway];
  let ahead = 0;
  const opened: Open[] = [];
  beforeEach(async () => {
    ahead = 0;
    nats = await startNats();
    const clock = { now: () => Date.now() + ahead };
    const env = { STORE_URL: nats.url, STORE_KEYS: randomBytes(32).toString('base64') };
    const first = await startNews({ clock, waits: { lookEvery: 50 }, env });
    const { application, url } = first.bongloy;
    const second = await startNews({
      clock,
      waits: { lookEvery: 50 },
      env: {
        ...env,
        BONGLOY_API_URL: url,
        BONGLOY_CLIENT_ID: application.clientId,
        BONGLOY_CLIENT_SECRET: application.clientSecret,
        BONGLOY_API_TOKEN: application.apiToken,
        BONGLOY_WEBHOOK_SECRETS: BONGLOY_SECRET,
      },
    });
    gateways = [first, second];
  }, 60_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((open) => open.close()));
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await nats.dispose();
  });

  describe.each(TRANSPORTS)('two processes, over %s', (_name, transport) => {
    async function listen({ url }: Gateway, token: string, after: string): Promise<Feed> {
      const open = await transport(url, TRANSACTION_EVENTS, { after }, token);
      opened.push(open);
      return open.feed;
    }

    /** A purchase of the main cardholder whose webhook names that account; @returns its id. */
    async function forge(at: Gateway, named?: string): Promise<string> {
      const { control } = gateways[0].bongloy;
      control.dropNextWebhook(1);
      const { id } = control.makePurchase({ accountId: SANDBOX_ACCOUNTS.everyday });
      expect((await postBongloy(at, bongloyBody(id, named))).status).toBe(200);
      return id;
    }

    const accountOfOther = async (): Promise<string> =>
      (await listBongloy(gateways[0], 'roundTotal', '/accounts')).data[0]?.id ?? '';

    test('whatever account a body names and whichever takes it, its owner gets each purchase once and in order at both, and no other gets it', async () => {
      const [main, other] = [await logInAs(gateways[0], 'main'), await logInAs(gateways[0], 'roundTotal')];
      const others = await accountOfOther();
      const before = await eventCursor(gateways[0], main);
      const owners = await Promise.all(gateways.map((gateway) => listen(gateway, main, before)));
      const strangers = await Promise.all(gateways.map((gateway) => listen(gateway, other, before)));
      const ids: string[] = [];
      for (const named of [SANDBOX_ACCOUNTS.everyday, others, randomUUID(), undefined]) {
        for (const gateway of gateways) ids.push(await forge(gateway, named));
      }
      for (const feed of owners) expect(idsOf(await feed.events(ids.length))).toEqual(ids);
      const { id: last } = gateways[0].bongloy.control.makePurchase({ accountId: others });
      for (const feed of strangers) expect(idsOf([await feed.event()])).toEqual([last]);
      for (const gateway of gateways) {
        const resumed = await listen(gateway, main, before);
        expect(idsOf(await resumed.events(ids.length))).toEqual(ids);
      }
    }, 60_000);

    test('one of them has passed an event over: it comes once to its owner there, late, and not again at the other', async () => {
      const main = await logInAs(gateways[0], 'main');
      const before = await eventCursor(gateways[0], main);
      const [atFew, atCrowd] = [
        await listen(gateways[0], main, before),
        await listen(gateways[1], main, before),
      ];
      for (let n = 0; n < CROWD; n += 1)
        await listen(gateways[1], await logInAs(gateways[0], 'roundTotal'), before);
      const first = await forge(gateways[0], SANDBOX_ACCOUNTS.everyday);
      for (const feed of [atFew, atCrowd]) expect(idsOf([await feed.event()])).toEqual([first]);
      const named = await forge(gateways[1], randomUUID());
      expect(idsOf([await atFew.event()])).toEqual([named]);
      ahead += UNTIL_LOOKED;
      const [late] = await atCrowd.events(1);
      expect(idsOf([late])).toEqual([named]);
      expect(late.source).toBe('LATE');
      const last = await forge(gateways[0], SANDBOX_ACCOUNTS.everyday);
      for (const feed of [atFew, atCrowd]) expect(idsOf([await feed.event()])).toEqual([last]);
      for (const gateway of gateways) {
        const resumed = await listen(gateway, main, before);
        expect(idsOf(await resumed.events(3))).toEqual([first, named, last]);
      }
    }, 60_000);
  });
});
