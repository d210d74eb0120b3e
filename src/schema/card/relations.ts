import type { GraphQLResolveInfo } from 'graphql';
import type { Card as CardValue } from '../../domain/card.ts';
import { badUserInput, notFound } from '../../domain/errors.ts';
import { decodeOptionalIdOf } from '../../domain/global-id.ts';
import { relatedAccount } from '../account/relations.ts';
import { Account } from '../account/type.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { pagingArguments } from '../pagination.ts';
import { bongloyPage, price } from '../price.ts';
import { idOnly, type Ref } from '../ref.ts';
import { selectsOnly } from '../selection.ts';
import { TransactionConnection } from '../transaction/connection.ts';
import { TransactionFilter, transactionFilter } from '../transaction/filter.ts';
import { Card } from './type.ts';

/** What a card's id alone can answer. */
export const KNOWN_BY_ID = new Set(['id', 'providerId', 'transactions']);

/**
 * The card behind a relation: not fetched when only its id is needed.
 * @throws GatewayError NOT_FOUND.
 */
export function relatedCard(
  id: string,
  { loaders }: Context,
  info: GraphQLResolveInfo,
): Ref<CardValue> | Promise<CardValue> {
  if (selectsOnly(info, KNOWN_BY_ID)) return idOnly(id);
  const { card } = loaders.bongloy();
  return card.known(id) ?? card.load(id).then(found);
}

function found(card: CardValue | null): CardValue {
  if (!card) throw notFound('card', 'BONGLOY');
  return card;
}

builder.objectFields(Card, (t) => ({
  account: t.field({
    extensions: price({ isShared: true }),
    type: Account,
    nullable: true,
    description: 'The account that it spends from.',
    resolve: ({ accountId }, _args, context, info) =>
      accountId === null ? null : relatedAccount(accountId, context, info),
  }),
  transactions: t.field({
    extensions: bongloyPage,
    type: TransactionConnection,
    nullable: true,
    description: 'The movements made with it, newest first.',
    args: {
      filter: t.arg({ type: TransactionFilter, description: 'Only those that meet all of these.' }),
      ...pagingArguments(t.arg),
    },
    resolve: ({ id }, { filter, ...args }, { loaders }) => {
      const named = decodeOptionalIdOf('Card', filter?.cardId, 'filter.cardId');
      if (named && named !== id) {
        throw badUserInput('filter.cardId', 'filter.cardId names another card than the one it is asked of.');
      }
      return loaders.bongloy().transactions({ ...transactionFilter(filter), cardId: id }, args);
    },
  }),
}));
