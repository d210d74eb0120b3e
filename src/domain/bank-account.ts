import type { Money } from './money.ts';

/** A bank account linked to a Casso business. */
export interface BankAccount {
  /** Casso's number for it, as a text. */
  readonly id: string;
  /** The bank's number, leading zeros kept: what `/sync` wants. */
  readonly accountNumber: string;
  readonly accountName: string | null;
  readonly bank: Bank;
  /** Null where the bank gives none. */
  readonly balance: Money | null;
}

export interface Bank {
  /** Casso's code name, such as `mbbank`. */
  readonly code: string | null;
  readonly name: string | null;
  /** NAPAS bank identification number, six digits. */
  readonly bin: string | null;
}
