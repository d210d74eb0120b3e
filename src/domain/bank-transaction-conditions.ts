import { createHash } from 'node:crypto';
import { unaccented } from '../lib/unaccented.ts';
import type { Money, MoneyDirection } from './money.ts';

/** What a bank transaction has to be like, by its own values alone; every condition that is given must hold. */
export interface BankTransactionConditions {
  readonly direction?: MoneyDirection;
  /** Stands anywhere in the description; in the form of `foldedText`, and not empty. */
  readonly text?: string;
  /** Absolute, in VND, inclusive; so is `maximumAmount`. */
  readonly minimumAmount?: number;
  readonly maximumAmount?: number;
}

/** As much of a bank transaction as conditions look at. */
interface Conditioned {
  readonly direction: MoneyDirection;
  readonly amount: Money;
  readonly description: string | null;
}

/** The one rule of what they let through, for lists and events alike. */
export function meets(transaction: Conditioned, conditions: BankTransactionConditions): boolean {
  const { direction, text, minimumAmount = 0, maximumAmount = Infinity } = conditions;
  const { minorUnits } = transaction.amount;
  return (
    (direction === undefined || transaction.direction === direction) &&
    minimumAmount <= minorUnits &&
    minorUnits <= maximumAmount &&
    (text === undefined || foldedDescription(transaction).includes(text))
  );
}

/**
 * Letters and digits alone, in lower case and without accents: what is left of a text when a bank has changed its case,
 * accents, blanks and punctuation. Empty when the text has no letter and no digit.
 */
export const foldedText = (text: string): string => unaccented(text).replace(/[^\p{L}\p{N}\p{M}]+/gu, '');

/** Folded once for each row, however many filters look at it. */
const foldedDescriptions = new WeakMap<object, string>();

function foldedDescription(transaction: Conditioned): string {
  let folded = foldedDescriptions.get(transaction);
  if (folded === undefined) {
    folded = foldedText(transaction.description ?? '');
    foldedDescriptions.set(transaction, folded);
  }
  return folded;
}

/** As a client gives them: null is the same as none. */
export type GivenConditions = { readonly [Name in keyof BankTransactionConditions]?: unknown };

/** Whether any is given, so that rows have to be looked at one by one. */
export const hasConditions = (given: GivenConditions): boolean =>
  [given.direction, given.text, given.minimumAmount, given.maximumAmount].some(
    (condition) => condition !== null && condition !== undefined,
  );

/** The same for the same conditions alone, and short: a part of the cursors that belong to them. */
export function conditionsKey(conditions: BankTransactionConditions): string {
  const { direction = '', text, minimumAmount = '', maximumAmount = '' } = conditions;
  if (text === undefined && minimumAmount === '' && maximumAmount === '') return direction;
  // A text may outgrow a cursor when it is folded.
  const digest = text === undefined ? '' : createHash('sha256').update(text).digest('base64url');
  return [direction, minimumAmount, maximumAmount, digest].join('.');
}
