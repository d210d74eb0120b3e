import { relatedAccount } from '../account/relations.ts';
import { Account } from '../account/type.ts';
import { builder } from '../builder.ts';
import { relatedCard } from '../card/relations.ts';
import { Card } from '../card/type.ts';
import { price } from '../price.ts';
import { Transaction } from './type.ts';

builder.objectFields(Transaction, (t) => ({
  account: t.field({
    extensions: price({ isShared: true }),
    type: Account,
    nullable: true,
    description:
      'The account on which it happened. Its id costs nothing; all accounts of a page cost one list.',
    resolve: ({ accountId }, _args, context, info) => relatedAccount(accountId, context, info),
  }),
  card: t.field({
    extensions: price({ isShared: true }),
    type: Card,
    nullable: true,
    description: 'The card that was used; null when none was. All cards of a page cost one list.',
    resolve: ({ cardId }, _args, context, info) =>
      cardId === null ? null : relatedCard(cardId, context, info),
  }),
}));
