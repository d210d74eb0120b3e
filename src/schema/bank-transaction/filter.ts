import type { BankTransactionFilter as Filter } from '../../domain/bank-transaction.ts';
import { badUserInput } from '../../domain/errors.ts';
import { decodeOptionalIdOf } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import { conditionFields, conditionsOf } from './conditions.ts';

export const BankTransactionFilter = builder.inputType('BankTransactionFilter', {
  description: 'Narrows a list of bank transactions; every condition that is given must hold.',
  fields: (t) => ({
    bankAccountId: t.id({ description: 'On this bank account.' }),
    from: t.field({ type: 'Date', description: 'On this day or later, as days go in Vietnam.' }),
    to: t.field({ type: 'Date', description: 'On this day or earlier, as days go in Vietnam.' }),
    ...conditionFields(t),
  }),
});

/** @throws GatewayError BAD_USER_INPUT naming the field of the filter. */
export function bankTransactionFilter(
  input: typeof BankTransactionFilter.$inferInput | null | undefined,
): Filter {
  if (!input) return {};
  const { from, to } = input;
  if (from && to && from > to) throw badUserInput('filter.to', 'filter.to lies before filter.from.');
  const bankAccountId = decodeOptionalIdOf('BankAccount', input.bankAccountId, 'filter.bankAccountId');
  return {
    ...(bankAccountId && { bankAccountId }),
    ...(from && { from }),
    ...(to && { to }),
    ...conditionsOf(input),
  };
}
