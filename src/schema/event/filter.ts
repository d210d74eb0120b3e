import { notFound, UnreadableAnswer, unreadableAsValue } from '../../domain/errors.ts';
import { decodeOptionalIdOf } from '../../domain/global-id.ts';
import type { Loaders } from '../../loaders/index.ts';
import { conditionFields, conditionsOf } from '../bank-transaction/conditions.ts';
import { builder } from '../builder.ts';
import type { EventSelection } from '../context.ts';

export const TransactionEventFilter = builder.inputType('TransactionEventFilter', {
  description: 'Narrows events of card transactions; every condition that is given must hold.',
  fields: (t) => ({
    accountId: t.id({ description: 'On this account.' }),
    cardId: t.id({ description: 'Made with this card.' }),
  }),
});

export const BankTransactionEventFilter = builder.inputType('BankTransactionEventFilter', {
  description: 'Narrows events of bank transactions; every condition that is given must hold.',
  fields: (t) => ({
    bankAccountId: t.id({ description: 'On this bank account.' }),
    ...conditionFields(t),
  }),
});

/** @throws GatewayError BAD_USER_INPUT naming the field; NOT_FOUND for somebody else's account or card. */
export async function transactionSelection(
  filter: typeof TransactionEventFilter.$inferInput | null | undefined,
  loaders: Loaders,
): Promise<EventSelection> {
  const accountId = decodeOptionalIdOf('Account', filter?.accountId, 'filter.accountId');
  const cardId = decodeOptionalIdOf('Card', filter?.cardId, 'filter.cardId');
  // One that cannot be read is there all the same.
  const isThere = async (looked: Promise<object | null>) => (await looked.catch(unreadableAsValue)) !== null;
  if (accountId && !(await isThere(loaders.bongloy().account.load(accountId))))
    throw notFound('account', 'BONGLOY');
  if (cardId && !(await isThere(loaders.bongloy().card.load(cardId)))) throw notFound('card', 'BONGLOY');
  return {
    providers: ['BONGLOY'],
    log: { providers: ['BONGLOY'] },
    tells({ event, transaction }) {
      if (event.provider !== 'BONGLOY') return false;
      // Whether the filter means it cannot be known, and nothing is passed over without a word.
      if (transaction instanceof UnreadableAnswer) return true;
      return (
        'accountId' in transaction &&
        (!accountId || transaction.accountId === accountId) &&
        (!cardId || transaction.cardId === cardId)
      );
    },
  };
}

/** @throws GatewayError BAD_USER_INPUT naming the field; NOT_FOUND for another business's account. */
export async function bankTransactionSelection(
  filter: typeof BankTransactionEventFilter.$inferInput | null | undefined,
  loaders: Loaders,
): Promise<EventSelection> {
  const conditions = conditionsOf(filter);
  const id = decodeOptionalIdOf('BankAccount', filter?.bankAccountId, 'filter.bankAccountId');
  const bankAccount = id && (await loaders.casso().ownAccount(id));
  if (id && !bankAccount) throw notFound('bank account', 'CASSO');
  return {
    providers: ['CASSO'],
    log: {
      providers: ['CASSO'],
      ...(bankAccount && { bankAccount }),
      ...conditions,
    },
    tells: (visible) => !id || ('bankAccountIds' in visible && visible.bankAccountIds.includes(id)),
  };
}
