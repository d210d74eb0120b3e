import { BANKS } from '../banks.ts';
import type { Account } from '../business.ts';
import type { AccountSeed } from './businesses.ts';

/** An account without transactions. `since` is a date in Vietnam. */
export function newAccount(seed: AccountSeed, since: string): Account {
  const bank = BANKS.get(seed.bankCodeName);
  return {
    id: seed.id,
    accountNumber: seed.accountNumber,
    accountName: seed.accountName,
    accountType: '',
    balance: seed.openingBalance,
    currency: 'VND',
    swift: '',
    citad: '',
    serviceType: 'personal',
    bankName: bank?.fullName ?? '',
    BIN: bank?.bin ?? null,
    bankCodeName: seed.bankCodeName,
    memo: '',
    connectStatus: 1,
    beginningSettingDate: since,
    beginningTxnDate: null,
    beginningBalance: seed.openingBalance,
    creditTxnTotal: 0,
    creditTxnAmount: 0,
    debitTxnTotal: 0,
    debitTxnAmount: 0,
    lockSyncDate: null,
    endingBalance: seed.openingBalance,
    endingTxnDate: null,
  };
}
