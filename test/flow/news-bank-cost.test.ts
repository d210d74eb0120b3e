import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import { metricOf } from '../support/gauges.ts';
import { BANK_EVENTS, cassoV2Row, eventCursor, postCassoV2, startNews, TRANSPORTS } from '../support/news.ts';

let gateway: Gateway;
let token: string;
let accountId: string;
beforeAll(async () => {
  gateway = await startNews();
  const account = gateway.casso.control.addAccount({
    business: 'second',
    accountNumber: '0800',
    bankCodeName: 'mbbank',
  });
  gateway.casso.control.addAccount({ business: 'empty', accountNumber: '0801', bankCodeName: 'acb_digi' });
  gateway.casso.control.addAccount({ business: 'second', accountNumber: '0801', bankCodeName: 'mbbank' });
  accountId = encodeGlobalId('BankAccount', String(account.id));
});
afterAll(() => gateway.stop());
beforeEach(async () => {
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.second.apiKey);
});

let row = 80_000;
/** An event on an account of that number, at a bank that may not be told. */
async function tell(accountNumber: string, bank: object = {}): Promise<void> {
  row += 1;
  expect((await postCassoV2(gateway, cassoV2Row(row, { accountNumber, ...bank }))).status).toBe(200);
}
const atMb = { bankAbbreviation: 'MBB', bankName: 'MBBank' };

const pageOf = (alias: string) =>
  `${alias}: bankTransactionEvents(first: $first, after: $after, filter: $filter) { nodes { cursor } }`;

/** Reads pages in one operation. @returns the requests that Casso got, and the price. */
async function read(aliases: number, variables: object) {
  gateway.casso.clearRequests();
  const pages = Array.from({ length: aliases }, (_, n) => pageOf(`page${n}`)).join(' ');
  const { data, errors, cost } = await gateway.ask(
    `query ($first: Int, $after: String, $filter: BankTransactionEventFilter) { ${pages} }`,
    variables,
    token,
  );
  expect(errors).toBeUndefined();
  return { data, sent: gateway.casso.requests.length, calls: cost?.calls ?? 0 };
}

test('a page of events that are newer than the list of accounts costs one look at it, on however many numbers they are', async () => {
  const after = await eventCursor(gateway, token);
  await tell('0800', atMb);
  await read(1, { after });
  for (let n = 0; n < 40; n += 1) await tell(`07${n}00${n}`);
  await tell('0800', atMb);
  const { data, sent, calls } = await read(1, { after, first: 100 });
  expect(data?.['page0'].nodes).toHaveLength(2);
  expect(sent).toBe(1);
  expect(sent).toBeLessThanOrEqual(calls);
  // And what was looked up is known from now on.
  expect((await read(1, { after, first: 100 })).sent).toBe(0);
});

test('whatever a log holds, pages cost no more requests than their price', async () => {
  const number = fc.oneof(fc.constantFrom('0800', '0801', '0802'), fc.stringMatching(/^[1-9]\d{4,9}$/));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(number, fc.boolean()), { minLength: 1, maxLength: 50 }),
      fc.record({
        first: fc.constantFrom(1, 30, 100),
        aliases: fc.integer({ min: 1, max: 3 }),
        isFiltered: fc.boolean(),
        isWarm: fc.boolean(),
      }),
      async (events, { first, aliases, isFiltered, isWarm }) => {
        const after = await eventCursor(gateway, token);
        if (isWarm) await tell('0800', atMb);
        if (isWarm) await read(1, { after });
        for (const [accountNumber, isNamed] of events) await tell(accountNumber, isNamed ? atMb : {});
        const filter = isFiltered ? { bankAccountId: accountId } : null;
        const { sent, calls } = await read(aliases, { after, first, filter });
        expect(sent).toBeLessThanOrEqual(calls);
        expect(sent).toBeLessThanOrEqual(3);
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);

test('an event that is withheld, as its bank cannot be compared, is counted once, and told to the operator', async () => {
  const after = await eventCursor(gateway, token);
  // The other business that has this number is known from its own page.
  const other = await linkCasso(gateway, SANDBOX_BUSINESSES.empty.apiKey);
  await tell('0801', atMb);
  await gateway.ask('{ bankTransactionEvents(first: 100) { nodes { cursor } } }', {}, other);
  const before = await metricOf(gateway, 'mekong_bank_events_withheld_total');
  const opened = await Promise.all(
    TRANSPORTS.map(([, open]) => open(gateway.url, BANK_EVENTS, { after }, token)),
  );
  await tell('0801');
  await tell('0801');
  await tell('0800', atMb);
  for (const { feed } of opened) {
    await feed.next();
    await feed.next();
  }
  await read(1, { after, first: 100 });
  expect((await metricOf(gateway, 'mekong_bank_events_withheld_total')) - before).toBe(2);
  await Promise.all(opened.map((open) => open.close()));
});
