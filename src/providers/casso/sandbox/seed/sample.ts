import { type Account, Business, type Movement, rowOf } from '../business.ts';
import { SANDBOX_BUSINESSES } from './businesses.ts';

const { apiKey, id, title, user, accounts } = SANDBOX_BUSINESSES.sample;

/** The sample of `/accounts` (§4.4). Its counts are the documents' own, and agree with no list. */
const ACCOUNT: Account = {
  id: accounts[0].id,
  accountNumber: accounts[0].accountNumber,
  accountName: accounts[0].accountName,
  accountType: '',
  balance: 3_750_000,
  currency: 'VND',
  swift: '',
  citad: '',
  serviceType: 'personal',
  bankName: 'Ngân hàng Ví Dụ',
  BIN: 970_422,
  bankCodeName: accounts[0].bankCodeName,
  memo: '',
  connectStatus: 1,
  beginningSettingDate: '2021-04-01',
  beginningTxnDate: null,
  beginningBalance: 0,
  creditTxnTotal: 3,
  creditTxnAmount: 4_000_000,
  debitTxnTotal: 1,
  debitTxnAmount: 250_000,
  lockSyncDate: null,
  endingBalance: 3_750_000,
  endingTxnDate: '2021-04-15T00:00:00',
};

/** The sample of `/transactions` (§4.2): the first of the twelve rows that its page counts. */
const FIRST: Movement = {
  tid: 'FT21000000000001',
  description: 'CHUYEN TIEN DON HANG 42',
  amount: 250_000,
  when: '2021-04-15T00:00:00',
  bookingDate: null,
  virtualAccount: '',
  virtualAccountName: '',
  corresponsiveName: '',
  corresponsiveAccount: '',
  corresponsiveBankId: '',
  corresponsiveBankName: '',
};
const FIRST_ID = 100_001;
const ROWS = 12;

/** The documents' literal samples (§4.2, §4.4). */
export function sampleBusiness(): Business {
  const business = new Business({ name: 'sample', id, title, user, apiKey, live: false });
  business.accounts.set(ACCOUNT.id, ACCOUNT);
  for (let index = 0; index < ROWS; index += 1) {
    const movement = { ...FIRST, tid: `FT210000000000${String(index + 1).padStart(2, '0')}` };
    const row = rowOf(FIRST_ID + index, ACCOUNT, movement);
    business.insert({ row, spelling: { snake: false, old: false } });
  }
  return business;
}
