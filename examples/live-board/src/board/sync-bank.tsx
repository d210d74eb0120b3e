import { useMutation } from '@apollo/client/react';
import { useEffect, useState } from 'react';
import type { Api } from '../api/api.ts';
import { follow } from '../api/follow.ts';
import { explain, type Problem, problemOf } from '../api/problem.ts';
import { BankNewsDocument, SyncBankDocument } from '../gql/graphql.ts';
import { useSecondsLeft } from '../parts/seconds-left.ts';
import { addToActivity } from './activity-cache.ts';

/**
 * Asks the bank to be looked at now. The cursor of the answer was taken before the bank was asked, so what is followed
 * from there holds all that this finds, however fast it comes.
 */
export function SyncBank({ api, account }: { api: Api; account: { id: string; accountNumber: string } }) {
  const { id, accountNumber } = account;
  const [sync, { loading }] = useMutation(SyncBankDocument);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [after, setAfter] = useState<string | null>(null);
  const [found, setFound] = useState(0);
  const seconds = useSecondsLeft(problem);

  useEffect(() => {
    if (after === null) return undefined;
    return follow(api, {
      document: BankNewsDocument,
      variables: { bankAccountId: id },
      after,
      handle({ bankTransactionEvents: { cursor, bankTransaction } }) {
        if (bankTransaction) addToActivity(api.client.cache, bankTransaction);
        setFound((count) => count + 1);
        return cursor;
      },
      onExpired: () => setAfter(null),
    });
  }, [api, id, after]);

  async function ask(): Promise<void> {
    setProblem(null);
    try {
      const { data } = await sync({ variables: { input: { bankAccountNumber: accountNumber } } });
      const result = data?.result;
      if (result?.__typename !== 'SyncBankTransactionsPayload') {
        return setProblem(result ?? { code: 'INTERNAL_SERVER_ERROR' });
      }
      setFound(0);
      setAfter(result.eventCursor);
    } catch (error) {
      setProblem(problemOf(error));
    }
  }

  return (
    <div className="sync">
      <button
        type="button"
        className="button button--quiet"
        disabled={loading || seconds > 0}
        aria-label={`Sync my bank, account ${accountNumber}`}
        onClick={() => void ask()}
      >
        {seconds > 0 ? `Wait ${seconds} s` : 'Sync my bank'}
      </button>
      <p className="quiet" role="status">
        {problem && explain(problem)}
        {!problem &&
          after !== null &&
          (found > 0 ? `${found} new since you asked` : 'The bank is being asked')}
      </p>
    </div>
  );
}
