import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { type BusinessName, SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import {
  BANK_EVENTS,
  cassoBody,
  cassoRow,
  cassoV2Row,
  eventCursor,
  idsOf,
  type Open,
  postCasso,
  postCassoV2,
  startNews,
  TRANSPORTS,
} from '../support/news.ts';

/** How Casso's webhooks name each bank, and how its lists do. */
const BANKS = {
  MB: {
    code: 'mbbank',
    names: [{ bankName: 'MBBank', bankAbbreviation: 'MBB' }, { bankAbbreviation: 'MB' }],
  },
  ACB: { code: 'acb_digi', names: [{ bankName: 'ACB', bankAbbreviation: 'ACB' }, { bankName: 'Á Châu' }] },
  VCB: {
    code: 'vietcombank',
    names: [{ bankName: 'Vietcombank', bankAbbreviation: 'VCB' }, { bankName: 'vietcombank' }],
  },
  TIMO: { code: 'timoplus', names: [{ bankName: 'Timo', bankAbbreviation: 'TIMO' }] },
} as const;
type BankName = keyof typeof BANKS;

/** What names no bank that could be compared. */
const NAMELESS = [
  {},
  { bankName: '', bankAbbreviation: '' },
  { bankName: 'Ngân hàng Lạ', bankAbbreviation: 'LA' },
];

interface Listed {
  readonly business: BusinessName;
  readonly number: string;
  readonly bank: BankName;
}
/** The shop is `main`; the others have sessions. */
const ACCOUNTS: readonly Listed[] = [
  { business: 'second', number: '0700', bank: 'MB' },
  { business: 'empty', number: '0700', bank: 'ACB' },
  { business: 'sample', number: '0700', bank: 'VCB' },
  { business: 'second', number: '0701', bank: 'MB' },
  { business: 'second', number: '0701', bank: 'ACB' },
  { business: 'empty', number: '0702', bank: 'MB' },
  { business: 'sample', number: '0702', bank: 'MB' },
  { business: 'main', number: '0703', bank: 'TIMO' },
  { business: 'sample', number: '0703', bank: 'VCB' },
  { business: 'empty', number: '0704', bank: 'TIMO' },
  // Each business's own, for the last word of a run.
  { business: 'second', number: '0791', bank: 'VCB' },
  { business: 'empty', number: '0792', bank: 'VCB' },
  { business: 'sample', number: '0793', bank: 'VCB' },
];
const VIEWERS = ['second', 'empty', 'sample'] as const;
const LAST: Readonly<Record<(typeof VIEWERS)[number], string>> = {
  second: '0791',
  empty: '0792',
  sample: '0793',
};

interface Told {
  readonly number: string;
  /** Null: none that could be compared. */
  readonly bank: BankName | null;
  readonly naming: number;
  readonly version: 'v1' | 'v2';
}

/** The accounts that the delivery is about, by the promise: its bank's, or the only one there is where no bank is named. */
function aboutWhich({ number, bank }: Told): readonly Listed[] {
  const bearers = ACCOUNTS.filter((account) => account.number === number);
  if (bank) return bearers.filter((account) => account.bank === bank);
  return new Set(bearers.map((account) => account.bank)).size === 1 ? bearers : [];
}
/** Who may know of it: with no bank told, also a business whose own accounts are all that come into question. */
function mayHear(told: Told, business: BusinessName): boolean {
  if (aboutWhich(told).some((account) => account.business === business)) return true;
  const bearers = ACCOUNTS.filter(({ number }) => number === told.number);
  return told.bank === null && bearers.length > 0 && bearers.every((bearer) => bearer.business === business);
}

let gateway: Gateway;
const tokens = new Map<string, string>();
const accountIds = new Map<Listed, string>();
beforeAll(async () => {
  gateway = await startNews();
  for (const account of ACCOUNTS) {
    const { business, number, bank } = account;
    const { id } = gateway.casso.control.addAccount({
      business,
      accountNumber: number,
      bankCodeName: BANKS[bank].code,
    });
    accountIds.set(account, String(id));
  }
  for (const name of VIEWERS) {
    tokens.set(name, await linkCasso(gateway, SANDBOX_BUSINESSES[name].apiKey));
  }
});
afterAll(() => gateway.stop());

let row = 70_000;
async function tell({ number, bank, naming, version }: Told): Promise<string> {
  row += 1;
  const names = bank ? BANKS[bank].names : NAMELESS;
  const named = names[naming % names.length];
  const response =
    version === 'v2'
      ? await postCassoV2(gateway, cassoV2Row(row, { accountNumber: number, ...named }))
      : await postCasso(
          gateway,
          cassoBody(cassoRow(row, { bank_sub_acc_id: number, subAccId: number, ...named })),
        );
  expect(response.status).toBe(200);
  return String(row);
}

const delivery = fc.record<Told>({
  number: fc.constantFrom('0700', '0701', '0702', '0703', '0704', '0799'),
  bank: fc.constantFrom<BankName | null>('MB', 'ACB', 'VCB', 'TIMO', null, null),
  naming: fc.nat(5),
  version: fc.constantFrom('v1', 'v2'),
});

const PAGE = `query ($after: String, $filter: BankTransactionEventFilter) {
  bankTransactionEvents(after: $after, filter: $filter, first: 100) {
    nodes { bankTransaction { providerId bankAccount { providerId } } }
  }
}`;

test('whatever a delivery says of the bank, live, replayed and paged: each business hears of its own accounts alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(delivery, { minLength: 1, maxLength: 12 }), async (deliveries) => {
      const after = await eventCursor(gateway, tokens.get('second') ?? '');
      const opened: Open[] = [];
      const open = async (name: string, at: string, accountId?: string) => {
        const filter = accountId && { bankAccountId: encodeGlobalId('BankAccount', accountId) };
        const feeds: Open['feed'][] = [];
        for (const [, transport] of TRANSPORTS) {
          const subscription = await transport(
            gateway.url,
            BANK_EVENTS,
            { after: at, filter },
            tokens.get(name),
          );
          opened.push(subscription);
          feeds.push(subscription.feed);
        }
        return feeds;
      };
      const live = new Map<string, Open['feed'][]>();
      for (const name of VIEWERS) live.set(name, await open(name, after));

      const sent: { readonly id: string; readonly told: Told }[] = [];
      for (const told of deliveries) sent.push({ id: await tell(told), told });
      const last = new Map<string, string>();
      for (const name of VIEWERS) {
        last.set(name, await tell({ number: LAST[name], bank: 'VCB', naming: 0, version: 'v2' }));
      }

      for (const name of VIEWERS) {
        const expected = sent.filter(({ told }) => mayHear(told, name)).map(({ id }) => id);
        const end = last.get(name) ?? '';
        for (const feed of [...(live.get(name) ?? []), ...(await open(name, after))]) {
          const ids = () => idsOf(feed.results.map(({ data }) => data?.['bankTransactionEvents']));
          await feed.until(() => ids().includes(end));
          expect([name, ...ids()]).toEqual([name, ...expected, end]);
        }

        const { data, errors } = await gateway.ask(PAGE, { after }, tokens.get(name));
        const nodes: readonly {
          bankTransaction: { providerId: string; bankAccount: { providerId: string } | null };
        }[] = data?.['bankTransactionEvents'].nodes;
        expect(nodes.map(({ bankTransaction }) => bankTransaction.providerId)).toEqual([...expected, end]);
        for (const { bankTransaction } of nodes.slice(0, -1)) {
          const told = sent.find(({ id }) => id === bankTransaction.providerId)?.told as Told;
          const own = aboutWhich(told).find(({ business }) => business === name);
          expect(bankTransaction.bankAccount?.providerId ?? null).toBe(own ? accountIds.get(own) : null);
        }
        expect(errors?.every(({ extensions }) => extensions?.['code'] === 'NOT_FOUND') ?? true).toBe(true);

        for (const account of ACCOUNTS.filter(
          ({ business, number }) => business === name && number < '0790',
        )) {
          const filter = { bankAccountId: encodeGlobalId('BankAccount', accountIds.get(account) ?? '') };
          const filtered = await gateway.ask(PAGE, { after, filter }, tokens.get(name));
          const on = sent.filter(({ told }) => aboutWhich(told).includes(account)).map(({ id }) => id);
          expect(idsOf(filtered.data?.['bankTransactionEvents'].nodes)).toEqual(on);
        }
      }
      await Promise.all(opened.map((subscription) => subscription.close()));
    }),
    { numRuns: 12 },
  );
}, 120_000);

describe('two accounts of one business that share a number', () => {
  const acb = () => accountIds.get(ACCOUNTS[4] as Listed) ?? '';
  const id = (account: string) => encodeGlobalId('BankAccount', account);

  test('a live stream that is narrowed to one hears of that one alone, also over the same socket', async () => {
    const token = tokens.get('second');
    const after = await eventCursor(gateway, token ?? '');
    for (const [, transport] of TRANSPORTS) {
      const open = await transport(
        gateway.url,
        BANK_EVENTS,
        { filter: { bankAccountId: id(acb()) }, after },
        token,
      );
      const other = await tell({ number: '0701', bank: 'MB', naming: 0, version: 'v2' });
      const nameless = await tell({ number: '0701', bank: null, naming: 0, version: 'v1' });
      const mine = await tell({ number: '0701', bank: 'ACB', naming: 0, version: 'v1' });
      await open.feed.until(() =>
        idsOf(open.feed.results.map(({ data }) => data?.['bankTransactionEvents'])).includes(mine),
      );
      const heard = idsOf(open.feed.results.map(({ data }) => data?.['bankTransactionEvents']));
      expect(heard).not.toContain(other);
      expect(heard).not.toContain(nameless);
      await open.close();
    }
  });

  test('are synced together, as Casso takes the number alone, and rest together', async () => {
    const sync = async (accountNumber: string) => {
      const query = `mutation { syncBankTransactions(input: { bankAccountNumber: "${accountNumber}" }) {
        __typename ... on SyncBankTransactionsPayload { bankAccountNumber }
      } }`;
      return (await gateway.ask(query, {}, tokens.get('second'))).data?.['syncBankTransactions'];
    };
    const accepted = { __typename: 'SyncBankTransactionsPayload', bankAccountNumber: '0701' };
    expect(await sync('0701')).toEqual(accepted);
    expect(await sync('0701')).toEqual({ __typename: 'RateLimitedError' });
  });
});
