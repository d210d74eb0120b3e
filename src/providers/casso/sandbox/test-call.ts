import type { WebhookV1Transaction, WebhookV2Transaction } from '../wire.ts';
import type { Webhook } from './business.ts';
import { type Parcel, v1Parcel, v2Parcel } from './parcels.ts';
import { vietnamTime } from './time.ts';

/**
 * "Gọi thử", the web app's test call (§5, §6.5): id 0, and the real secret. `now` is in milliseconds since the epoch.
 */
export function testCall(version: Webhook['version'], secret: string, now: number): Parcel {
  const time = vietnamTime(now).replace('T', ' ');
  return version === 'v1' ? v1Parcel([v1TestRow(time)], secret) : v2Parcel(v2TestRow(time), secret, now);
}

function v1TestRow(when: string): WebhookV1Transaction {
  return {
    id: 0,
    tid: 'MA_GIAO_DICH_THU_NGHIEM',
    description: 'giao dich thu nghiem',
    amount: 599_000,
    cusum_balance: 25_000_000,
    when,
    bank_sub_acc_id: '88888888',
    subAccId: '88888888',
    bankName: 'VPBank',
    bankAbbreviation: 'VPB',
    virtualAccount: '',
    virtualAccountName: '',
    corresponsiveName: 'NGUYEN VAN A',
    corresponsiveAccount: '8888888888',
    corresponsiveBankId: '970415',
    corresponsiveBankName: 'VietinBank',
  };
}

function v2TestRow(transactionDateTime: string): WebhookV2Transaction {
  return {
    id: 0,
    reference: 'MA_GIAO_DICH_THU_NGHIEM',
    description: 'giao dich thu nghiem',
    amount: 599_000,
    runningBalance: 25_000_000,
    transactionDateTime,
    accountNumber: '88888888',
    bankName: 'VPBank',
    bankAbbreviation: 'VPB',
    virtualAccountNumber: '',
    virtualAccountName: '',
    counterAccountName: 'NGUYEN VAN A',
    counterAccountNumber: '8888888888',
    counterAccountBankId: '970415',
    counterAccountBankName: 'VietinBank',
  };
}
