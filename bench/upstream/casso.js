/**
 * Casso as far as subscribers need it: 100 bank accounts, which every API key of the benchmark can see, and a business
 * for each key.
 */
export const BANK_ACCOUNTS = 100;
export const accountNumber = (n) => `0909${String(n).padStart(6, '0')}`;
export const apiKeyOf = (n) => `AK_bench_${n}`;

const accounts = Array.from({ length: BANK_ACCOUNTS }, (_, n) => ({
  id: n + 1,
  accountNumber: accountNumber(n),
  accountName: 'QUY THANH TOAN',
  balance: 1_000_000 + n,
  bankName: 'Ngan hang Example',
  BIN: 970_400,
  bankCodeName: 'example',
}));

export function casso(url, authorization) {
  const key = Number(/^Apikey AK_bench_(\d+)$/.exec(authorization)?.[1]);
  if (Number.isNaN(key)) return { error: 401, message: 'unauthorized', data: null };
  const answer = (data) => ({ error: 0, message: 'success', data });
  if (url.startsWith('/v2/accounts')) return answer(accounts);
  if (url.startsWith('/v2/userInfo')) {
    return answer({
      user: { id: key + 1, email: `shop${key}@bench.example` },
      business: { id: key + 1, name: `Shop ${key}` },
      bankAccs: accounts.map(({ id, accountNumber: number }) => ({
        id,
        bank: { codeName: 'example' },
        bankSubAccId: number,
      })),
    });
  }
  return answer({
    page: 1,
    pageSize: 100,
    nextPage: null,
    prevPage: null,
    totalPages: 0,
    totalRecords: 0,
    records: [],
  });
}
