import { badUserInput } from '../../domain/errors.ts';
import { decodeOptionalIdOf } from '../../domain/global-id.ts';
import type { TransactionFilter as Filter } from '../../domain/transaction.ts';
import { builder } from '../builder.ts';

export const TransactionStatus = builder.enumType('TransactionStatus', {
  description: 'How far a transaction has come.',
  values: {
    PENDING: { value: 'PENDING', description: 'Held, not yet booked.' },
    SETTLED: { value: 'SETTLED', description: 'Booked.' },
    OTHER: {
      value: 'OTHER',
      description: 'A state that Bongloy does not document; see `rawStatus`.',
    },
  },
});

export const BalanceAdjustmentType = builder.enumType('BalanceAdjustmentType', {
  description: 'What a transaction does to the balance.',
  values: {
    CREDIT: { value: 'CREDIT', description: 'It adds to it.' },
    DEBIT: { value: 'DEBIT', description: 'It takes from it.' },
  },
});

export const TransactionFilter = builder.inputType('TransactionFilter', {
  description: 'Narrows a list of transactions; every condition that is given must hold.',
  fields: (t) => ({
    accountId: t.id({ description: 'On this account.' }),
    cardId: t.id({ description: 'Made with this card.' }),
    status: t.field({ type: TransactionStatus, description: 'In this state: PENDING or SETTLED.' }),
    balanceAdjustmentType: t.field({
      type: BalanceAdjustmentType,
      description: 'With this effect on the balance.',
    }),
    from: t.field({ type: 'DateTime', description: 'At this moment or later (`transactionTime`).' }),
    to: t.field({ type: 'DateTime', description: 'At this moment or earlier (`transactionTime`).' }),
  }),
});

/** @throws GatewayError BAD_USER_INPUT naming the field of the filter. */
export function transactionFilter(input: typeof TransactionFilter.$inferInput | null | undefined): Filter {
  if (!input) return {};
  const { status, balanceAdjustmentType, from, to } = input;
  if (status === 'OTHER') {
    throw badUserInput(
      'filter.status',
      'filter.status can be PENDING or SETTLED: OTHER stands for unknown states.',
    );
  }
  if (from && to && from > to) throw badUserInput('filter.to', 'filter.to lies before filter.from.');
  const accountId = decodeOptionalIdOf('Account', input.accountId, 'filter.accountId');
  const cardId = decodeOptionalIdOf('Card', input.cardId, 'filter.cardId');
  return {
    ...(accountId && { accountId }),
    ...(cardId && { cardId }),
    ...(status && { status }),
    ...(balanceAdjustmentType && { direction: balanceAdjustmentType }),
    ...(from && { from }),
    ...(to && { to }),
  };
}
