import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { accountNumber } from '../upstream/casso.js';

/** Deliveries. Casso's: V1 with a token and many rows, V2 with a signature and one. */
export const SECURE_TOKEN = 'bench-secure-token-0123456789abcdef';
export const CHECKSUM_KEY = 'bench-checksum-key-0123456789abcdef';

/** What Bongloy signs its webhooks with: 32 letters and digits, as its own look. */
export const BONGLOY_SECRET = 'bench0bongloy0secret0of0webhooks';

/** Microseconds of the clock that all processes of this machine share. */
export const microseconds = () => Number(process.hrtime.bigint() / 1000n);

export function deliveryV1(rows) {
  const data = rows.map(({ id, account }) => ({
    id,
    tid: `FT${id}`,
    description: `pay ${id} at:${microseconds()}.`,
    amount: 150_000 + (id % 1000),
    cusum_balance: 5_000_000,
    when: '2026-10-31 16:00:00',
    bank_sub_acc_id: accountNumber(account),
    corresponsiveName: 'NGUYEN VAN EXAMPLE',
    corresponsiveAccount: '0123456789',
    corresponsiveBankId: '970415',
    corresponsiveBankName: 'Ngan hang Khac',
  }));
  return {
    headers: { 'content-type': 'application/json', 'secure-token': SECURE_TOKEN },
    body: JSON.stringify({ error: 0, data }),
  };
}

/** Signed over the envelope with sorted keys (the keys below are sorted already). */
export function deliveryV2({ id, account }) {
  const data = {
    accountNumber: accountNumber(account),
    amount: 150_000 + (id % 1000),
    bankAbbreviation: 'EXB',
    bankName: 'Ngan hang Example',
    counterAccountBankId: '970415',
    counterAccountBankName: 'Ngan hang Khac',
    counterAccountName: 'NGUYEN VAN EXAMPLE',
    counterAccountNumber: '0123456789',
    description: `pay ${id}`,
    id,
    reference: `FT${id}`,
    runningBalance: 5_000_000,
    transactionDateTime: '2026-10-31 16:00:00',
    virtualAccountName: '',
    virtualAccountNumber: '',
  };
  const body = JSON.stringify({ data, error: 0 });
  const time = Date.now();
  const digest = createHmac('sha512', CHECKSUM_KEY).update(`${time}.${body}`).digest('hex');
  return {
    headers: { 'content-type': 'application/json', 'x-casso-signature': `t=${time},v1=${digest}` },
    body,
  };
}

/** A purchase, as Bongloy tells it: the account stands in the body, which its token does not sign. */
export function deliveryOfPurchase({ transactionId, accountId }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256' })}.${part({ iss: 'Bongloy', exp: Math.floor(Date.now() / 1000) + 300 })}`;
  const digest = createHmac('sha256', BONGLOY_SECRET).update(signed).digest('base64url');
  const account = { data: { id: accountId, type: 'account' } };
  const resource = { id: transactionId, type: 'transaction', relationships: { account } };
  const attributes = { type: 'transaction.created', details: { data: resource } };
  return {
    headers: { 'content-type': 'application/json', authorization: `Bearer ${signed}.${digest}` },
    body: JSON.stringify({ data: { id: randomUUID(), type: 'event', attributes } }),
  };
}

/**
 * Sends it as providers do: again after a moment when it is answered 503. @returns how many times again.
 * @throws Error for any other answer, and after 50 times.
 */
export async function deliver(dispatcher, path, delivery) {
  for (let repeated = 0; repeated < 50; repeated += 1) {
    const { statusCode, body } = await dispatcher.request({ method: 'POST', path, ...delivery });
    await body.dump();
    if (statusCode === 200) return repeated;
    if (statusCode !== 503) throw new Error(`a webhook was answered ${statusCode}`);
    await wait(100);
  }
  throw new Error('a webhook was answered 503 too often');
}
