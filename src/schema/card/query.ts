import { decodeIdOf } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import { pagingArguments } from '../pagination.ts';
import { bongloyPage, calls, price } from '../price.ts';
import { CardConnection } from './connection.ts';
import { Card } from './type.ts';

builder.queryFields((t) => ({
  card: t.field({
    extensions: price({ calls: calls(1) }),
    type: Card,
    nullable: true,
    description: "One card; null when there is none with that id, or when it is somebody else's.",
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: { id: t.arg.id({ required: true, description: 'The id that this API gave the card.' }) },
    resolve: (_root, { id }, { loaders }) => loaders.bongloy().card.load(decodeIdOf('Card', id, 'id')),
  }),
  cards: t.field({
    extensions: bongloyPage,
    type: CardConnection,
    nullable: true,
    description:
      'The cards of the logged-in cardholder, newest first. Needs a session that has linked Bongloy.',
    skipTypeScopes: true,
    authScopes: { bongloy: true },
    args: pagingArguments(t.arg),
    resolve: (_root, args, { loaders }) => loaders.bongloy().cards(args),
  }),
}));
