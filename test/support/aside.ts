import { createHmac } from 'node:crypto';
import { createAside } from '../../src/aside/aside.ts';
import type { AsideRow, AsideStore } from '../../src/aside/store.ts';
import { createSealer } from '../../src/sessions/sealing.ts';
import { CHECKSUM_KEY, post } from './news.ts';

/** What is kept aside, in order, with what came. */
export async function allAside(store: AsideStore, storeKeys: string) {
  const keys = storeKeys.split(',').map((key) => Buffer.from(key, 'base64'));
  const aside = createAside(store, createSealer(keys));
  const rows: (Pick<AsideRow, 'provider' | 'scheme' | 'reason' | 'receivedAt'> & {
    readonly body: string;
  })[] = [];
  for await (const row of store.all()) {
    const { provider, scheme, reason, receivedAt } = row;
    rows.push({ provider, scheme, reason, receivedAt, body: (await aside.open(row)).body.toString() });
  }
  return rows;
}

/** The documented object of a V2 delivery. */
export const v2Data = (id: number, changes: object = {}) => ({
  id,
  reference: `FT${id}`,
  description: 'chuyen tien',
  amount: 250_000,
  runningBalance: 3_750_000,
  transactionDateTime: '2026-10-10 14:35:12',
  accountNumber: '00710008888',
  bankName: 'Vietcombank',
  bankAbbreviation: 'VCB',
  virtualAccountNumber: '',
  virtualAccountName: '',
  counterAccountName: '',
  counterAccountNumber: '',
  counterAccountBankId: '',
  counterAccountBankName: '',
  ...changes,
});

/** As V2, signed by hand as Casso's reference does: sorted keys, written as JavaScript writes them. */
export function postSigned({ url }: { url: string }, data: object, envelope: object = { error: 0 }) {
  const sorted = (value: unknown): unknown =>
    value && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, member]) => [key, sorted(member)]),
        )
      : value;
  const body = { ...envelope, data };
  const time = '1760081712000';
  const digest = createHmac('sha512', CHECKSUM_KEY)
    .update(`${time}.${JSON.stringify(sorted(body))}`)
    .digest('hex');
  return post(`${url}/webhooks/casso`, JSON.stringify(body), {
    'x-casso-signature': `t=${time},v1=${digest}`,
  });
}
