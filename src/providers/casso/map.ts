import type { BankAccount } from '../../domain/bank-account.ts';
import type { Business } from '../../domain/business.ts';
import { HOUR } from '../../lib/duration.ts';
import {
  integerFrom,
  isObject,
  list,
  type OnOdd,
  object,
  parseInstant,
  shown,
  text,
  url,
  wrongMember,
  wrongShape,
} from '../read.ts';
import { cassoId, document, dong, inDong, said, words } from './document.ts';
import type { WireAccount, WireUserInfo, WireWebhook } from './wire.ts';

/*
 * Casso's documents as domain values. Everything here is pure. What is only shown and cannot be read becomes null; what says
 * which row it is, or how much money, must be there, and throws WrongMember otherwise (docs/providers.md has the table).
 * Members that the domain has no use for are not looked at.
 */

/** A webhook as Casso keeps it. The secure token is left out: it does not come back reliably (§4.5). */
export interface CassoWebhook {
  /** Null when Casso's answer has none that can be read. */
  readonly id: string | null;
  readonly url: string;
  /** Only money that comes in is told. */
  readonly incomeOnly: boolean;
}

export function toBankAccount(raw: unknown, odd: OnOdd): BankAccount {
  const row = document(raw, 'an account') as unknown as WireAccount;
  return {
    id: cassoId(row, 'id'),
    accountNumber: text(row, 'accountNumber'),
    accountName: shown(row, 'accountName', words, odd),
    bank: {
      code: shown(row, 'bankCodeName', words, odd),
      name: shown(row, 'bankName', words, odd),
      bin: shown(row, 'BIN', words, odd),
    },
    balance: shown(row, 'balance', (from, key) => (inDong(row), dong(from, key)), odd),
  };
}

/** The answer for one account: the account, or a list of it alone (§4). */
export function onlyOne(raw: unknown): unknown {
  if (!Array.isArray(raw)) return raw;
  return raw.length > 1 ? wrongShape('several accounts in the place of one') : raw[0];
}

export function toBusiness(raw: unknown, odd: OnOdd): Business {
  const user = document(raw, 'the user') as unknown as WireUserInfo;
  const business = object(user, 'business');
  return {
    id: cassoId(business, 'id'),
    name: shown(business, 'name', words, odd),
    bankAccounts: (shown(user, 'bankAccs', list, odd) ?? []).flatMap(
      (account) => shown({ account }, 'account', () => toUserAccount(account), odd) ?? [],
    ),
  };
}

function toUserAccount(raw: unknown): Business['bankAccounts'][number] {
  const account = document(raw, 'an account') as unknown as WireUserInfo['bankAccs'][number];
  const { codeName, bin }: { codeName?: unknown; bin?: unknown } = isObject(account.bank) ? account.bank : {};
  return {
    id: cassoId(account, 'id'),
    accountNumber: text(account, 'bankSubAccId'),
    // Only what it is compared by; it may be missing, in whole or in part.
    bank: { code: said(codeName), name: null, bin: typeof bin === 'number' ? String(bin) : null },
  };
}

/** @param asked what it was asked to be: Casso has done it, also where its answer cannot be read. */
export const toWebhook =
  (asked: Omit<CassoWebhook, 'id'> | null) =>
  (raw: unknown, odd: OnOdd): CassoWebhook => {
    const webhook = document(raw, 'a webhook') as unknown as WireWebhook;
    const incomeOnly = shown(webhook, 'send_only_income', integerFrom(0, 1), odd);
    return {
      id: shown(webhook, 'id', cassoId, odd),
      url: asked === null ? url(webhook, 'param1') : (shown(webhook, 'param1', url, odd) ?? asked.url),
      incomeOnly: incomeOnly === null ? (asked?.incomeOnly ?? false) : incomeOnly === 1,
    };
  };

/** Vietnam's wall clock is ahead of UTC by this, all year (§7). */
const VIETNAM_OFFSET = 7 * HOUR;
const VIETNAM_ZONE = '+07:00';

/** A date, which is midnight, or a time. One that names no zone is what Vietnam's clocks show. */
export function vietnamTime<T extends object>(from: T, key: Extract<keyof T, string>): Date {
  const value = text(from, key);
  const time = /^\d{4}-\d\d-\d\d$/.test(value) ? `${value}T00:00` : value;
  return parseInstant(time, VIETNAM_ZONE) ?? wrongMember(key, 'is not a time');
}

/** The date in Vietnam at `now`: yyyy-mm-dd. */
export function vietnamDate(now: Date): string {
  return new Date(now.getTime() + VIETNAM_OFFSET).toISOString().slice(0, 10);
}
