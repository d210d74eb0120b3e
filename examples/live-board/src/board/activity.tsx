import { useQuery } from '@apollo/client/react';
import { useCallback, useMemo, useState } from 'react';
import type { Api } from '../api/api.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { formatMoney } from '../format/money.ts';
import { dayOf } from '../format/time.ts';
import { ActivityDocument, OlderActivityDocument } from '../gql/graphql.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import { PAGE } from './activity-cache.ts';
import { MovementRow } from './movement-row.tsx';
import { OlderRows } from './older-rows.tsx';
import { useNews } from './use-news.ts';

/** What moved at both providers, newest first, without an end; news slide in. */
export function Activity({ api }: { api: Api }) {
  const { data, error, loading, refetch, fetchMore } = useQuery(ActivityDocument, {
    variables: { first: PAGE },
    errorPolicy: 'all',
    notifyOnNetworkStatusChange: true,
  });
  const [olderProblem, setOlderProblem] = useState<Problem | null>(null);
  const reload = useCallback(() => void refetch(), [refetch]);
  const news = useNews(api, data?.eventCursor, reload);
  const fresh = useMemo(() => new Set(news.map(({ id }) => id)), [news]);
  const latest = news.at(-1);

  const { edges = [], pageInfo, unavailableProviders = [] } = data?.activity ?? {};
  const days = Map.groupBy(
    edges.map(({ node }) => node),
    ({ occurredAt }) => dayOf(occurredAt),
  );

  async function loadOlder(): Promise<void> {
    setOlderProblem(null);
    try {
      const variables = { first: PAGE, after: pageInfo?.endCursor };
      await fetchMore({ query: OlderActivityDocument, variables });
    } catch (failure) {
      setOlderProblem(problemOf(failure));
    }
  }

  return (
    <section className="activity" aria-labelledby="activity" aria-busy={loading}>
      <h2 id="activity">Activity</h2>
      <p className="hidden" aria-live="polite">
        {latest &&
          `New: ${latest.description ?? 'a movement'}, ${formatMoney(latest.amount, latest.direction)}`}
      </p>
      {error && <ProblemNote problem={problemOf(error)} onRetry={reload} />}
      {!error &&
        unavailableProviders.map((provider) => (
          <ProblemNote key={provider} problem={{ code: 'UPSTREAM_UNAVAILABLE', provider }} onRetry={reload} />
        ))}
      {loading && edges.length === 0 && (
        <div className="skeleton skeleton--tall" role="status" aria-label="Loading activity" />
      )}
      {!loading && !error && edges.length === 0 && (
        <p className="empty">Nothing has moved yet. It will show here by itself.</p>
      )}
      {[...days].map(([day, movements]) => (
        <div key={day}>
          <h3 className="day">{day}</h3>
          <ol className="movements">
            {movements.map((movement) => (
              <MovementRow key={movement.id} movement={movement} fresh={fresh.has(movement.id)} />
            ))}
          </ol>
        </div>
      ))}
      {olderProblem && <ProblemNote problem={olderProblem} onRetry={() => void loadOlder()} />}
      {pageInfo?.hasNextPage && !olderProblem && (
        <OlderRows loading={loading} onWanted={() => void loadOlder()} />
      )}
    </section>
  );
}
