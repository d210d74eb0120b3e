import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { WireTransaction } from '../../src/providers/casso/wire.ts';
import { linkCasso } from '../support/cardholder.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { listCasso, walk } from '../support/walk.ts';

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startGateway({ env: { CASSO_API_KEY: '' } });
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
});
afterAll(() => gateway.stop());

const ROW = `{
  id providerId provider reference
  amount { minorUnits currency decimal formatted(locale: "vi-VN") } direction
  runningBalance { minorUnits currency decimal }
  occurredAt description
  counterparty { accountNumber name bankId bankName } virtualAccount { number name }
  bankAccount { id }
}`;

/** What a row of Casso's must look like here: written from the documents, not with the gateway's own code. */
function expected(row: WireTransaction) {
  const size = Math.abs(row.amount);
  const balance = row.cusumBalance ?? row.cusum_balance ?? null;
  const [name, accountNumber, bankId, bankName] = [
    row.corresponsiveName,
    row.corresponsiveAccount,
    row.corresponsiveBankId,
    row.corresponsiveBankName,
  ].map((part) => part || null);
  const time = row.when.length === 10 ? `${row.when}T00:00:00` : row.when;
  return {
    id: encodeGlobalId('BankTransaction', String(row.id)),
    providerId: String(row.id),
    provider: 'CASSO',
    reference: row.tid,
    amount: {
      minorUnits: size,
      currency: 'VND',
      decimal: String(size),
      formatted: `${String(size).replaceAll(/\B(?=(\d{3})+$)/g, '.')}\u00A0₫`,
    },
    direction: row.amount < 0 ? 'DEBIT' : 'CREDIT',
    runningBalance:
      balance === null ? null : { minorUnits: balance, currency: 'VND', decimal: String(balance) },
    occurredAt: new Date(`${time}+07:00`).toISOString(),
    description: row.description || null,
    counterparty: name || accountNumber ? { accountNumber, name, bankId, bankName } : null,
    virtualAccount: row.virtualAccount
      ? { number: row.virtualAccount, name: row.virtualAccountName || null }
      : null,
    bankAccount: { id: encodeGlobalId('BankAccount', String(row.accountId)) },
  };
}

test('every row of the history comes out as Casso has it, old and new, in either spelling of the balance', async () => {
  const rows = await listCasso(gateway, 'main');
  // The history holds what this is about.
  expect(rows.some(({ cusumBalance }) => cusumBalance !== undefined)).toBe(true);
  expect(rows.some(({ cusum_balance }) => cusum_balance !== undefined)).toBe(true);
  expect(rows.some(({ amount }) => amount > 2 ** 31)).toBe(true);
  expect(rows.some(({ corresponsiveName }) => corresponsiveName === undefined)).toBe(true);
  expect(rows.some(({ cusumBalance }) => cusumBalance === null)).toBe(true);
  expect(rows.some(({ description }) => description === '')).toBe(true);
  expect(rows.some(({ when }) => when.length === 10)).toBe(true);

  const walked = await walk(async (after) => {
    const { data, errors } = await gateway.ask(
      `query ($after: String) {
        bankTransactions(first: 100, after: $after) { nodes ${ROW} pageInfo { hasNextPage endCursor } }
      }`,
      { after },
      token,
    );
    expect(errors).toBeUndefined();
    return data?.bankTransactions;
  });
  expect(walked.flatMap(({ nodes }) => nodes)).toEqual(rows.map(expected));
});

test.each([
  [9_007_199_254_740_991, 'the largest that is exact'],
  [-9_000_000_000_001, 'nine thousand milliards out'],
  [2_147_483_648, 'one more than 31 bits'],
  [-1, 'one dong out'],
  [0, 'nothing'],
])('%i dong, %s: exact in the list, alone, and in what is formatted', async (amount) => {
  const [accountNumber, balance] = [`big-${amount}`, amount > 0 ? 0 : 9_000_000_000_000];
  gateway.casso.control.addAccount({ accountNumber, balance });
  token = await linkCasso(gateway, SANDBOX_BUSINESSES.main.apiKey);
  const row = gateway.casso.control.makeTransfer({ accountNumber, amount });
  await gateway.casso.control.webhooksIdle();
  const { data, errors } = await gateway.ask(
    `query ($id: ID!) {
      bankTransactions(first: 1) { nodes ${ROW} }
      bankTransaction(id: $id) ${ROW}
    }`,
    { id: encodeGlobalId('BankTransaction', String(row.id)) },
    token,
  );
  expect(errors).toBeUndefined();
  expect(data?.bankTransaction).toEqual(expected(row));
  expect(data?.bankTransactions.nodes).toEqual([data?.bankTransaction]);
  expect(data?.bankTransaction.runningBalance.minorUnits).toBe(balance + amount);
});

test.each([
  'Nguyễn Thị Ánh trả tiền phở, bún chả; cảm ơn quán Sông Mê Kông',
  'Nguyễn Thị Ánh trả tiền phở'.normalize('NFD'),
  'បង់ថ្លៃកាហ្វេ ផ្សារអូឡាំពិក តុលេខ ៧',
  'quà sinh nhật 🎂👩‍👩‍👧 "khoản" <b>&amp;</b> \\n {"a":1}',
  'hai\ndòng\tvà tab',
])('the text %j comes out letter by letter, in descriptions and names', async (text) => {
  const row = gateway.casso.control.makeTransfer({
    description: text,
    counterparty: { name: text, bankName: text },
    virtualAccount: { number: 'VQR7', name: text },
  });
  await gateway.casso.control.webhooksIdle();
  const { data } = await gateway.ask(`{ bankTransactions(first: 1) { nodes ${ROW} } }`, {}, token);
  expect(data?.bankTransactions.nodes).toEqual([expected(row)]);
  expect(data?.bankTransactions.nodes[0]).toMatchObject({
    description: text,
    counterparty: { accountNumber: null, name: text, bankId: null, bankName: text },
    virtualAccount: { number: 'VQR7', name: text },
  });
});
