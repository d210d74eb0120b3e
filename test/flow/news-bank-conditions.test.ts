import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../support/gateway.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  eventCursor,
  idsOf,
  type Open,
  postCasso,
  startNews,
  TRANSPORTS,
} from '../support/news.ts';

const FILTERS: readonly (readonly [string, object, object, object])[] = [
  [
    'text, as a bank mangles it',
    { text: 'dh1234' },
    { description: 'THANHTOAN  DH-12.34' },
    { description: 'DH 12.35' },
  ],
  [
    'text with accents, whichever way they are composed',
    { text: 'Nguyễn Đức' },
    { description: 'NGUYEN DUC ck' },
    { description: 'Nguyễn Văn Đức'.normalize('NFD') },
  ],
  ['text, where a row has none', { text: 'a' }, { description: 'â' }, { description: '' }],
  ['greatest amount, inclusive', { maximumAmount: 500 }, { amount: 500 }, { amount: 501 }],
  ['greatest amount, whichever way it moved', { maximumAmount: 500 }, { amount: -500 }, { amount: -501 }],
  ['an exact amount', { minimumAmount: 500, maximumAmount: 500 }, { amount: -500 }, { amount: 499 }],
  [
    'all of them together',
    { text: 'đh 7', direction: 'CREDIT', minimumAmount: 10, maximumAmount: 20 },
    { amount: 20, description: 'ck DH7' },
    { amount: -20, description: 'ck DH7' },
  ],
];

const STORES: readonly (readonly [string, (suite: () => void) => void, () => Promise<NatsCluster | null>])[] =
  [
    ['SQLite', (suite) => suite(), async () => null],
    ['NATS', withNatsServer, startNats],
  ];

let rowId = 70_000;

for (const [store, withStore, start] of STORES) {
  withStore(() => {
    describe(`events of bank transactions, kept in ${store}`, () => {
      let nats: NatsCluster | null;
      let gateway: Gateway;
      let token: string;
      let before: string;
      const opened: Open[] = [];
      beforeAll(async () => {
        nats = await start();
        gateway = await startNews(nats ? { env: { STORE_URL: nats.url } } : {});
        token = await gateway.logIn();
      }, 30_000);
      afterAll(async () => {
        await gateway.stop();
        await nats?.dispose();
      });
      beforeEach(async () => {
        before = await eventCursor(gateway, token);
      });
      afterEach(async () => {
        await Promise.all(opened.splice(0).map((open) => open.close()));
      });

      async function arrives(changes: object): Promise<string> {
        rowId += 1;
        expect((await postCasso(gateway, cassoBody(cassoRow(rowId, changes)))).status).toBe(200);
        return String(rowId);
      }

      async function caughtUp(filter: object): Promise<string[]> {
        const { data } = await gateway.ask(
          `query ($after: String, $filter: BankTransactionEventFilter) {
            bankTransactionEvents(after: $after, filter: $filter) { nodes { bankTransaction { providerId } } }
          }`,
          { after: before, filter },
          token,
        );
        return idsOf(data?.bankTransactionEvents.nodes);
      }

      describe.each(TRANSPORTS)('over %s', (_name, transport) => {
        const open = async (variables: object) => {
          const subscription = await transport(gateway.url, BANK_EVENTS, variables, token);
          opened.push(subscription);
          return subscription.feed;
        };

        test.each(FILTERS)(
          'by %s: live, on resuming, and as a page',
          async (_what, filter, wanted, unwanted) => {
            const feed = await open({ after: before, filter });
            await arrives(unwanted);
            const ids = [await arrives(wanted)];
            const [first] = await feed.events(1);
            await arrives(unwanted);
            ids.push(await arrives(wanted), await arrives(wanted));
            expect(idsOf([first, ...(await feed.events(2))])).toEqual(ids);
            const resumed = await open({ after: first.cursor, filter });
            expect(idsOf(await resumed.events(2))).toEqual(ids.slice(1));
            ids.push(await arrives(wanted));
            expect(idsOf([await feed.event(), await resumed.event()])).toEqual([ids[3], ids[3]]);
            expect(await caughtUp(filter)).toEqual(ids);
          },
        );

        test('many filters at once: each hears what it asked for, and a mistake ends the stream at once', async () => {
          const feeds = await Promise.all(
            ['dh1', 'dh2', 'ĐH 1', 'dh'].map((text) => open({ after: before, filter: { text } })),
          );
          const [one, two] = [
            await arrives({ description: 'DH-1' }),
            await arrives({ description: 'D.H 2' }),
          ];
          const heard = await Promise.all(feeds.map((feed, n) => feed.events(n === 3 ? 2 : 1)));
          expect(heard.map(idsOf)).toEqual([[one], [two], [one], [one, two]]);
          const wrong = await open({ after: before, filter: { text: '...' } });
          const end = await wrong.ended;
          const [error] = end.kind === 'error' ? end.errors : (wrong.results[0]?.errors ?? []);
          expect(error?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'filter.text' });
        });
      });
    });
  });
}
