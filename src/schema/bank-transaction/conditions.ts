import type { InputFieldBuilder } from '@pothos/core';
import { type BankTransactionConditions, foldedText } from '../../domain/bank-transaction-conditions.ts';
import { badUserInput } from '../../domain/errors.ts';
import type { MoneyDirection as Direction } from '../../domain/money.ts';
import type { builder } from '../builder.ts';
import { MoneyDirection } from '../money.ts';
import { longest } from '../text-lengths.ts';

type Fields = InputFieldBuilder<(typeof builder)['$inferSchemaTypes'], 'InputObject'>;

/** What a list of bank transactions and a stream of their events are narrowed by in the same way. */
export const conditionFields = (t: Fields) => ({
  direction: t.field({ type: MoneyDirection, description: 'That moved this way.' }),
  text: t.string({
    extensions: longest(200),
    description:
      'Whose `description` holds this text. Case, accents, blanks and punctuation are ignored on both sides, as banks change them: ' +
      '`dh1234` finds "THANHTOAN  DH-12.34", and `đồng` finds "DONG". Needs a letter or a digit.',
  }),
  minimumAmount: t.field({
    type: 'SafeInt',
    description:
      'Of at least this amount, in minor units, whichever way it moved: 50000 is 50,000 VND, the only currency of Casso. ' +
      'Never negative; add `direction` for one way alone.',
  }),
  maximumAmount: t.field({
    type: 'SafeInt',
    description:
      'Of at most this amount, as `minimumAmount` counts it, and not below that. The same number in both is exactly this amount.',
  }),
});

interface Input {
  readonly direction?: Direction | null | undefined;
  readonly text?: string | null | undefined;
  readonly minimumAmount?: number | null | undefined;
  readonly maximumAmount?: number | null | undefined;
}

/** @throws GatewayError BAD_USER_INPUT naming the field of the filter. */
export function conditionsOf(input: Input | null | undefined): BankTransactionConditions {
  const { direction } = input ?? {};
  const text = textOf(input?.text);
  const minimumAmount = amountOf(input?.minimumAmount, 'filter.minimumAmount');
  const maximumAmount = amountOf(input?.maximumAmount, 'filter.maximumAmount');
  if (minimumAmount !== undefined && maximumAmount !== undefined && minimumAmount > maximumAmount) {
    throw badUserInput('filter.maximumAmount', 'filter.maximumAmount is less than filter.minimumAmount.');
  }
  return {
    ...(direction && { direction }),
    ...(text !== undefined && { text }),
    ...(minimumAmount !== undefined && { minimumAmount }),
    ...(maximumAmount !== undefined && { maximumAmount }),
  };
}

function textOf(text: string | null | undefined): string | undefined {
  if (text === null || text === undefined) return undefined;
  const folded = foldedText(text);
  if (folded === '') {
    throw badUserInput(
      'filter.text',
      'filter.text needs a letter or a digit, as blanks and punctuation are ignored. Leave it out to find every text.',
    );
  }
  return folded;
}

function amountOf(amount: number | null | undefined, field: string): number | undefined {
  if (amount === null || amount === undefined) return undefined;
  if (amount < 0) throw badUserInput(field, `${field} cannot be negative: direction says which way.`);
  return amount;
}
