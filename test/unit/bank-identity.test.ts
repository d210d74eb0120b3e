import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Bank } from '../../src/domain/bank-account.ts';
import {
  type AccountIdentity,
  isOnAccount,
  isSameBank,
  type Match,
  ownAccountsOf,
} from '../../src/domain/bank-identity.ts';

const bank = (code: string | null, name: string | null = null, bin: string | null = null): Bank => ({
  code,
  name,
  bin,
});

/** Each line: ways in which one bank is spoken of, in the account list and in webhooks. */
const BANKS: readonly (readonly Bank[])[] = [
  [
    bank('mbbank', 'Ngân hàng TMCP Quân đội', '970422'),
    bank('MBB', 'MBBank'),
    bank('MB'),
    bank(null, 'mb bank'),
    bank(null, 'Ngân hàng TMCP Quân đội (MB)'),
    bank(null, null, '970422'),
  ],
  [bank('acb_digi', 'Ngân hàng TMCP Á Châu', '970416'), bank('ACB', 'ACB'), bank(null, 'NGAN HANG A CHAU')],
  [
    bank('vietcombank', 'Ngân hàng TMCP Ngoại thương Việt Nam', '970436'),
    bank('VCB', 'Vietcombank'),
    bank('vcb'),
  ],
  [bank('techcombank', 'Ngân hàng TMCP Kỹ thương Việt Nam', '970407'), bank('TCB', 'Techcombank')],
  [bank('timoplus', 'Ngân hàng số Timo'), bank('TIMO', 'Timo'), bank('timoplus', 'Timo', '970454')],
  [bank('vpbank', 'Ngân hàng TMCP Việt Nam Thịnh Vượng', '970432'), bank('VPB', 'VPBank')],
  [bank('tpbank', 'Ngân hàng TMCP Tiên Phong', '970423'), bank('TPB', 'TPBank')],
  [bank('vietinbank', 'Ngân hàng TMCP Công thương Việt Nam', '970415'), bank('ICB', 'VietinBank')],
  [bank('shb', 'Ngân hàng TMCP Sài Gòn - Hà Nội (SHB)', '970443'), bank('SHB', 'SHB')],
  [bank('sacombank', 'Ngân hàng TMCP Sài Gòn Thương Tín', '970403'), bank('STB', 'Sacombank')],
  // Not in our list: its own words are what there is.
  [bank('newbank', 'Ngân hàng TMCP Mới'), bank('NWB', 'NewBank'), bank(null, 'newbank')],
];
const described = BANKS.flatMap((ways, line) => ways.map((way) => ({ way, line })));
const LISTED = BANKS.length - 1;

test('a bank is known in whatever words it is spoken of, and never taken for another', () => {
  for (const one of described) {
    for (const other of described) {
      const known = one.line < LISTED && other.line < LISTED;
      const differ: Match = known ? 'no' : 'unknown';
      expect([one.way, other.way, isSameBank(one.way, other.way)]).toEqual([
        one.way,
        other.way,
        one.line === other.line ? 'yes' : differ,
      ]);
    }
  }
});

test.each([
  ['nothing', bank(null)],
  ['blanks', bank(' ', '--')],
  ['a word that every bank has', bank(null, 'Ngân hàng TMCP')],
  ['an abbreviation of two banks', bank('BVB')],
  ['two banks at once', bank('MBB', 'ACB')],
])('what says %s of the bank decides nothing', (_what, way) => {
  for (const { way: other } of described) expect(isSameBank(way, other)).toBe('unknown');
});

const account = (id: number, accountNumber: string, of: Bank): AccountIdentity => ({
  id: String(id),
  accountNumber,
  bank: of,
});
const row = (accountNumber: string, of: Bank | null, id: string | null = null) => ({
  bankAccountNumber: accountNumber,
  bank: of,
  bankAccountId: id,
});

test('a number is the same however its digits are grouped, and with its leading zeros alone', () => {
  const mine = account(1, '0909 123-456', bank('mbbank'));
  expect(isOnAccount(row('0909123456', bank('MBB')), mine)).toBe('yes');
  expect(isOnAccount(row('909123456', bank('MBB')), mine)).toBe('no');
});

test("Casso's own id of the account decides where the bank is not told, and never against the number", () => {
  const mine = account(1, '1', bank('mbbank'));
  expect(isOnAccount(row('1', null, '1'), mine)).toBe('yes');
  expect(isOnAccount(row('2', null, '1'), mine)).toBe('no');
});

describe('of several businesses, at several banks, with few numbers', () => {
  const anyBank = fc.integer({ min: 0, max: 3 });
  const wayOf = (line: number, n: number) => BANKS[line]?.[n % (BANKS[line]?.length ?? 1)] ?? bank(null);
  const businesses = fc.array(
    fc.uniqueArray(fc.record({ number: fc.constantFrom('1', '2'), line: anyBank }), {
      maxLength: 4,
      selector: ({ number, line }) => `${number}/${line}`,
    }),
    { minLength: 2, maxLength: 4 },
  );
  const told = fc.record({
    number: fc.constantFrom('1', '2', '3'),
    line: fc.option(anyBank),
    way: fc.nat(9),
    ways: fc.nat(9),
  });

  test('each sees what is on its own accounts; a number alone, only where all who bear it are its own', () => {
    fc.assert(
      fc.property(businesses, told, (drawn, { number, line, way, ways }) => {
        const lists = drawn.map((accounts, business) =>
          accounts.map((a, n) => account(business * 10 + n + 1, a.number, wayOf(a.line, ways + business))),
        );
        const transaction = row(number, line === null ? null : wayOf(line, way));
        drawn.forEach((accounts, business) => {
          const seen = ownAccountsOf(transaction, lists[business] ?? [], lists.flat());
          const own = accounts.filter((a) => a.number === number);
          if (line !== null) {
            expect(seen !== null).toBe(own.some((a) => a.line === line));
            return;
          }
          const bearers = new Set(drawn.flat().flatMap((a) => (a.number === number ? [a.line] : [])));
          const allOwn = own.length > 0 && own.length === bearers.size;
          expect(seen !== null).toBe(allOwn);
          if (seen) expect(seen).toHaveLength(own.length === 1 ? 1 : 0);
        });
      }),
    );
  });
});
