import { useEffect, useState } from 'react';
import type { Api } from '../api/api.ts';
import { follow } from '../api/follow.ts';
import { type MovementFragment, NewsDocument, OverviewDocument } from '../gql/graphql.ts';
import { addToActivity } from './activity-cache.ts';

/** The newest of what came since the page was loaded, oldest first: a movement once for each time that it changed. */
export type News = readonly MovementFragment[];

/** How many of them are worth remembering: for what slides in, and what is read out. */
const REMEMBERED = 50;

/**
 * Follows both providers into the cache.
 * @param after the cursor that was read with the page; undefined while that loads.
 * @param reload loads the page again, when the gateway no longer holds what came after the last event.
 */
export function useNews(api: Api, after: string | undefined, reload: () => void): News {
  const [news, setNews] = useState<News>([]);
  useEffect(() => {
    if (after === undefined) return undefined;
    let without = '';
    return follow(api, {
      document: NewsDocument,
      variables: {},
      after,
      handle({ activityEvents: event }) {
        // A provider left the stream, or is back: the overview says whether it has to be linked again.
        if (event.unavailableProviders.join() !== without) {
          without = event.unavailableProviders.join();
          void api.client.refetchQueries({ include: [OverviewDocument] });
        }
        const movement = event.__typename === 'TransactionEvent' ? event.transaction : event.bankTransaction;
        if (movement) {
          addToActivity(api.client.cache, movement);
          setNews((earlier) => [...earlier.slice(1 - REMEMBERED), movement]);
        }
        return event.cursor;
      },
      onExpired: reload,
    });
  }, [api, after, reload]);
  return news;
}
