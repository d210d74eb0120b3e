import { useMutation, useQuery } from '@apollo/client/react';
import type { Api } from '../api/api.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { session } from '../api/session.ts';
import { Written } from '../format/written.tsx';
import { LogOutDocument, OverviewDocument } from '../gql/graphql.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import { River } from '../parts/river.tsx';
import { Accounts } from './accounts.tsx';
import { Activity } from './activity.tsx';
import { BankAccounts } from './bank-accounts.tsx';
import { ConnectionBadge } from './connection-badge.tsx';

export function Board({ api, linkProblem }: { api: Api; linkProblem: Problem | null }) {
  const { data, error, refetch } = useQuery(OverviewDocument, { errorPolicy: 'all' });
  const [logOut] = useMutation(LogOutDocument);
  const { cardholder, viewer, accounts } = data ?? {};
  const nameInKhmer = cardholder?.additionalDetails['name_km'];

  return (
    <>
      <header className="top">
        <div className="top__inner">
          <River />
          <h1>Live board</h1>
          <ConnectionBadge socket={api.socket} />
          <p className="top__who">
            {cardholder?.name}
            {typeof nameInKhmer === 'string' && (
              <small>
                <Written text={nameInKhmer} />
              </small>
            )}
          </p>
          <button
            type="button"
            className="button button--quiet"
            // Whatever the answer is, this browser forgets the session.
            onClick={() =>
              void logOut()
                .catch(() => {})
                .finally(session.end)
            }
          >
            Log out
          </button>
        </div>
      </header>
      <main className="board">
        <div className="board__side">
          {error && <ProblemNote problem={problemOf(error)} onRetry={() => void refetch()} />}
          <Accounts accounts={accounts?.nodes} failed={error !== undefined} />
          <BankAccounts
            api={api}
            linked={viewer?.linkedProviders.includes('CASSO')}
            linkProblem={linkProblem}
          />
        </div>
        <Activity api={api} />
      </main>
    </>
  );
}
