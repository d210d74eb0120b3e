import type { GraphQLResolveInfo } from 'graphql';
import type { Account as AccountValue } from '../../domain/account.ts';
import { badUserInput, notFound } from '../../domain/errors.ts';
import { decodeOptionalIdOf } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import { CardConnection } from '../card/connection.ts';
import { Cardholder } from '../cardholder/type.ts';
import type { Context } from '../context.ts';
import { pagingArguments } from '../pagination.ts';
import { bongloyPage, calls, pageRows, price } from '../price.ts';
import { idOnly, type Ref } from '../ref.ts';
import { selectedFields, selectsOnly } from '../selection.ts';
import { TransactionConnection } from '../transaction/connection.ts';
import { TransactionFilter, transactionFilter } from '../transaction/filter.ts';
import { Account, AccountBalance } from './type.ts';

/** What an account's id alone can answer. */
export const KNOWN_BY_ID = new Set(['id', 'providerId', 'balance', 'cards', 'transactions']);

/**
 * The account behind a relation: not fetched when only its id is needed; and a balance that is sure to be asked is
 * fetched at once, beside the account rather than after it, as it needs no more than the id.
 * @throws GatewayError NOT_FOUND.
 */
export function relatedAccount(
  id: string,
  { loaders }: Context,
  info: GraphQLResolveInfo,
): Ref<AccountValue> | Promise<AccountValue> {
  const bongloy = loaders.bongloy();
  if (selectsOnly(info, KNOWN_BY_ID)) return idOnly(id);
  const known = bongloy.account.known(id);
  if (known) return known;
  if (selectedFields(info).has('balance')) bongloy.balance.load(id).catch(() => {});
  return bongloy.account.load(id).then(found);
}

function found(account: AccountValue | null): AccountValue {
  if (!account) throw notFound('account', 'BONGLOY');
  return account;
}

builder.objectFields(Account, (t) => ({
  balance: t.field({
    extensions: price({ calls: calls(1) }),
    type: AccountBalance,
    nullable: true,
    description: 'How much is in it now. One upstream call per account.',
    resolve: ({ id }, _args, { loaders }) => loaders.bongloy().balance.load(id),
  }),
  cardholder: t.field({
    extensions: price({ isShared: true }),
    type: Cardholder,
    nullable: true,
    description: 'Who holds it. Only the id can be read of anyone but the logged-in cardholder.',
    resolve: async ({ cardholderId: id }, _args, { loaders }, info) => {
      if (id === null) return null;
      if (selectsOnly(info, new Set(['id', 'providerId']))) return idOnly(id);
      const cardholder = await loaders.bongloy().cardholder();
      if (cardholder.id !== id) throw notFound('cardholder', 'BONGLOY');
      return cardholder;
    },
  }),
  cards: t.field({
    extensions: price({ isShared: true, rows: pageRows }),
    type: CardConnection,
    nullable: true,
    description: 'The cards that spend from it, newest first. All accounts together cost one list of cards.',
    args: pagingArguments(t.arg),
    resolve: ({ id }, args, { loaders }) => loaders.bongloy().cardsOf(id, args),
  }),
  transactions: t.field({
    extensions: bongloyPage,
    type: TransactionConnection,
    nullable: true,
    description: 'The movements on it, newest first.',
    args: {
      filter: t.arg({ type: TransactionFilter, description: 'Only those that meet all of these.' }),
      ...pagingArguments(t.arg),
    },
    resolve: ({ id }, { filter, ...args }, { loaders }) => {
      const named = decodeOptionalIdOf('Account', filter?.accountId, 'filter.accountId');
      if (named && named !== id) {
        throw badUserInput(
          'filter.accountId',
          'filter.accountId names another account than the one it is asked of.',
        );
      }
      return loaders.bongloy().transactions({ ...transactionFilter(filter), accountId: id }, args);
    },
  }),
}));
