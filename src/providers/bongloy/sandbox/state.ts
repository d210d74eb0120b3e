import type {
  WireAccount,
  WireBalance,
  WireCard,
  WireCardholder,
  WireCardIssuer,
  WireTransaction,
} from '../wire.ts';
import { NewestFirst } from './newest-first.ts';

/**
 * Everything the simulated provider knows about money, in memory. Transactions are sorted by `transaction_time`,
 * accounts and cards by insertion (§4: the sort key is inferred).
 */
export class SandboxState {
  readonly accounts = new NewestFirst<WireAccount>();
  readonly cards = new NewestFirst<WireCard>();
  readonly transactions = new NewestFirst<WireTransaction>((row) => row.attributes.transaction_time);
  /** By cardholder id. */
  readonly cardholders = new Map<string, WireCardholder>();
  readonly #issuers = new Map<string, WireCardIssuer>();
  /** By account id. */
  readonly #balances = new Map<string, WireBalance>();

  addCardholder(cardholder: WireCardholder, issuer: WireCardIssuer): void {
    this.cardholders.set(cardholder.id, cardholder);
    this.#issuers.set(cardholder.id, issuer);
  }

  /** `amount` is both what is there and what is available, in the account's smallest unit. */
  addAccount(account: WireAccount, amount: number): void {
    this.accounts.insert(account.relationships.cardholder.data?.id ?? '', account);
    const { currency } = account.attributes;
    const attributes = { available: { amount, currency }, balance: { amount, currency } };
    this.#balances.set(account.id, { id: account.id, type: 'balance', attributes, relationships: undefined });
  }

  addCard(card: WireCard): void {
    this.cards.insert(this.#ownerOfAccount(card.relationships.account.data?.id), card);
  }

  addTransaction(transaction: WireTransaction): void {
    this.transactions.insert(this.#ownerOfAccount(transaction.relationships.account.data?.id), transaction);
  }

  issuerOf(cardholder: string): WireCardIssuer | undefined {
    return this.#issuers.get(cardholder);
  }

  balanceOf(account: string): WireBalance | undefined {
    return this.#balances.get(account);
  }

  /** Adds to the account's two figures, each in the account's smallest unit. */
  moveBalance(account: string, change: { readonly available: number; readonly balance: number }): void {
    const row = this.#balances.get(account);
    if (!row) return;
    const { available, balance } = row.attributes;
    const attributes = {
      available: { ...available, amount: available.amount + change.available },
      balance: { ...balance, amount: balance.amount + change.balance },
    };
    this.#balances.set(account, { ...row, attributes });
  }

  #ownerOfAccount(id: string | undefined): string {
    return (id === undefined ? undefined : this.accounts.get(id)?.owner) ?? '';
  }
}
