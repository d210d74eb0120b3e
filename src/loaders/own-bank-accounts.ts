import type { BankAccount } from '../domain/bank-account.ts';
import { accountNumberKey, isOnAccount, type NamedAccount } from '../domain/bank-identity.ts';

/** The accounts that a Casso credential lists. */
export class OwnBankAccounts {
  /** When the list was asked for, milliseconds since the epoch: before it was read. */
  readonly asOf: number;
  readonly list: readonly BankAccount[];
  readonly byId: ReadonlyMap<string, BankAccount>;
  /** By `accountNumberKey`: banks give numbers each by itself. */
  readonly #byNumber = new Map<string, readonly BankAccount[]>();

  constructor(list: readonly BankAccount[], asOf: number) {
    this.asOf = asOf;
    this.list = list;
    this.byId = new Map(list.map((account) => [account.id, account]));
    for (const account of list) {
      const key = accountNumberKey(account.accountNumber);
      this.#byNumber.set(key, [...(this.#byNumber.get(key) ?? []), account]);
    }
  }

  /** Those that the transaction is on, or may be; undefined when there are none. */
  mayBeOn(named: NamedAccount): readonly BankAccount[] | undefined {
    const accounts = this.#byNumber
      .get(accountNumberKey(named.bankAccountNumber))
      ?.filter((account) => isOnAccount(named, account) !== 'no');
    return accounts && accounts.length > 0 ? accounts : undefined;
  }

  /** Those that it is known to be on: one, or several when the list holds an account twice. */
  surelyOn(named: NamedAccount): readonly BankAccount[] {
    return this.mayBeOn(named)?.filter((account) => isOnAccount(named, account) === 'yes') ?? [];
  }

  with(id: string, balance: BankAccount['balance']): OwnBankAccounts {
    const list = this.list.map((account) => (account.id === id ? { ...account, balance } : account));
    return new OwnBankAccounts(list, this.asOf);
  }
}
