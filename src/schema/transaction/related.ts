import type { GraphQLResolveInfo } from 'graphql';
import type { RelatedLists } from '../../loaders/bongloy.ts';
import { KNOWN_BY_ID as OF_ACCOUNT } from '../account/relations.ts';
import { KNOWN_BY_ID as OF_CARD } from '../card/relations.ts';
import { selectedBelow } from '../selection.ts';

/** What the rows of a page of transactions are sure to need, where more than an id is asked of what they are related to. */
export function relatedLists(info: GraphQLResolveInfo): RelatedLists {
  const selected = (relation: string) =>
    selectedBelow(info, ['nodes', relation], ['edges', 'node', relation]);
  const needsMore = (names: ReadonlySet<string>, knownById: ReadonlySet<string>) =>
    [...names].some((name) => name !== '__typename' && !knownById.has(name));
  const ofAccounts = selected('account');
  return {
    cards: needsMore(selected('card'), OF_CARD),
    accounts: needsMore(ofAccounts, OF_ACCOUNT),
    balances: ofAccounts.has('balance'),
  };
}
