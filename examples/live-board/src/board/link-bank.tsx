import { useApolloClient } from '@apollo/client/react';
import { useState } from 'react';
import { beginBankLink } from '../api/bank-link.ts';
import type { Problem } from '../api/problem.ts';
import { ProblemNote } from '../parts/problem-note.tsx';

/** The way to Casso's page, where a business is allowed to be read. @param problem why there is none, or no more. */
export function LinkBank({ problem: earlier }: { problem: Problem | null }) {
  const client = useApolloClient();
  const [problem, setProblem] = useState(earlier);
  const [leaving, setLeaving] = useState(false);

  async function leave(): Promise<void> {
    setLeaving(true);
    const failure = await beginBankLink(client);
    setProblem(failure);
    setLeaving(failure === null);
  }

  return (
    <div className="tile tile--invite">
      <p>Connect a Vietnamese business and see its bank transfers beside your card payments.</p>
      {problem && <ProblemNote problem={problem} />}
      <button type="button" className="button" disabled={leaving} onClick={() => void leave()}>
        {leaving ? 'One moment…' : 'Connect with Casso'}
      </button>
    </div>
  );
}
