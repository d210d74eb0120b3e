import { AccountConnection } from '../account/connection.ts';
import { builder } from '../builder.ts';
import { CardConnection } from '../card/connection.ts';
import { pagingArguments } from '../pagination.ts';
import { bongloyPage } from '../price.ts';
import { Cardholder } from './type.ts';

// Whoever is here with more than an id is the logged-in cardholder, and so the owner of the provider's lists.
builder.objectFields(Cardholder, (t) => ({
  accounts: t.field({
    extensions: bongloyPage,
    type: AccountConnection,
    nullable: true,
    description: 'The accounts that the cardholder holds, newest first.',
    args: pagingArguments(t.arg),
    resolve: (_cardholder, args, { loaders }) => loaders.bongloy().accounts(args),
  }),
  cards: t.field({
    extensions: bongloyPage,
    type: CardConnection,
    nullable: true,
    description: 'The cards of all these accounts, newest first.',
    args: pagingArguments(t.arg),
    resolve: (_cardholder, args, { loaders }) => loaders.bongloy().cards(args),
  }),
}));
