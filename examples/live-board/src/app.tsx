import { ApolloProvider } from '@apollo/client/react';
import { useMemo } from 'react';
import { createApi } from './api/api.ts';
import type { Problem } from './api/problem.ts';
import { useToken } from './api/session.ts';
import { Board } from './board/board.tsx';
import { LogIn } from './log-in/log-in.tsx';

/** @param linkProblem why the bank that the browser comes back from could not be linked. */
export function App({ linkProblem }: { linkProblem: Problem | null }) {
  const token = useToken();
  const api = useMemo(() => createApi(token), [token]);
  return (
    <ApolloProvider client={api.client}>
      {token === null ? <LogIn /> : <Board key={token} api={api} linkProblem={linkProblem} />}
    </ApolloProvider>
  );
}
