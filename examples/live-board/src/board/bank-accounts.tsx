import { useQuery } from '@apollo/client/react';
import type { Api } from '../api/api.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { formatMoney } from '../format/money.ts';
import { Written } from '../format/written.tsx';
import { BankAccountsDocument } from '../gql/graphql.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import { LinkBank } from './link-bank.tsx';
import { SyncBank } from './sync-bank.tsx';

export interface BankAccountsProps {
  readonly api: Api;
  /** Undefined while that is not known. */
  readonly linked: boolean | undefined;
  readonly linkProblem: Problem | null;
}

export function BankAccounts({ api, linked, linkProblem }: BankAccountsProps) {
  const { data, error, refetch } = useQuery(BankAccountsDocument, { skip: !linked });
  const accounts = data?.bankAccounts?.nodes;
  const problem = error ? problemOf(error) : null;
  const unlinked = linked === false || problem?.code === 'UNAUTHENTICATED';

  return (
    <section aria-labelledby="bank-accounts">
      <h2 id="bank-accounts">Bank accounts</h2>
      {unlinked && <LinkBank problem={linkProblem ?? problem} />}
      {problem && !unlinked && <ProblemNote problem={problem} onRetry={() => void refetch()} />}
      {linked && !accounts && !problem && (
        <div className="skeleton" role="status" aria-label="Loading bank accounts" />
      )}
      {accounts?.length === 0 && <p className="empty">The linked business has no bank account yet.</p>}
      <ul className="banks">
        {accounts?.map(({ id, accountNumber, accountName, bank, balance }) => (
          <li key={id} className="bank">
            <h3>
              <Written text={bank.name ?? 'Bank account'} />
            </h3>
            <p className="quiet bank__number">
              {accountNumber}
              {accountName && ` · ${accountName}`}
            </p>
            <p className="bank__amount">
              {balance ? formatMoney(balance) : <span className="quiet">Balance not told</span>}
            </p>
            <SyncBank api={api} account={{ id, accountNumber }} />
          </li>
        ))}
      </ul>
    </section>
  );
}
