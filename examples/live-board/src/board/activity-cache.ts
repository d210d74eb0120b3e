import type { ApolloCache } from '@apollo/client';
import { ActivityDocument, type MovementFragment } from '../gql/graphql.ts';

/** Rows of a page. */
export const PAGE = 20;

/**
 * Puts a movement where its time belongs in the list, newest first. One that is there already was renewed by the cache
 * itself, and stays where it is; one that is older than all that was loaded comes with its page.
 */
export function addToActivity(cache: ApolloCache, movement: MovementFragment): void {
  cache.updateQuery({ query: ActivityDocument, variables: { first: PAGE } }, (page) => {
    if (!page?.activity) return page;
    const { edges, pageInfo } = page.activity;
    if (edges.some(({ node }) => node.id === movement.id)) return page;
    const older = edges.findIndex(({ node }) => node.occurredAt <= movement.occurredAt);
    if (older === -1 && pageInfo.hasNextPage) return page;
    const place = older === -1 ? edges.length : older;
    const edge = { __typename: 'MoneyMovementEdge' as const, cursor: '', node: movement };
    return { ...page, activity: { ...page.activity, edges: edges.toSpliced(place, 0, edge) } };
  });
}
