import { useMutation } from '@apollo/client/react';
import { type FormEvent, useState } from 'react';
import { confirmCode } from '../api/phone-sign-in.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { session } from '../api/session.ts';
import { FinishLogInDocument } from '../gql/graphql.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import type { Begun } from './log-in.tsx';
import { readForm } from './read-form.ts';

/** Takes the code of the SMS. When it was right the session begins, and the board takes this page's place. */
export function CodeStep({ begun, onBack }: { begun: Begun; onBack: () => void }) {
  const [finish] = useMutation(FinishLogInDocument);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | 'wrong code' | null>(null);

  async function logIn(code: string): Promise<Problem | 'wrong code' | null> {
    const authToken = await confirmCode(begun.phoneNumber, code);
    if (authToken === null) return 'wrong code';
    const input = { authToken, cardholderVerificationId: begun.verificationId };
    const { data } = await finish({ variables: { input } });
    const result = data?.result;
    if (result?.__typename !== 'AuthenticateCardholderPayload')
      return result ?? { code: 'INTERNAL_SERVER_ERROR' };
    session.begin(result.session.token);
    return null;
  }

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const code = readForm(event.currentTarget)('code');
    setBusy(true);
    setProblem(null);
    setProblem(await logIn(code).catch(problemOf));
    setBusy(false);
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label htmlFor="code">Code from the message to {begun.phoneNumber}</label>
      <input
        id="code"
        name="code"
        className="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        required
        autoFocus
        aria-invalid={problem === 'wrong code'}
        aria-describedby="code-problem"
      />
      <div id="code-problem">
        {problem === 'wrong code' && (
          <p className="problem" role="alert">
            That is not the code we sent. Please look again.
          </p>
        )}
        {problem && problem !== 'wrong code' && <ProblemNote problem={problem} />}
      </div>
      <button type="submit" className="button" disabled={busy}>
        {busy ? 'One moment…' : 'Log in'}
      </button>
      <button type="button" className="button button--quiet" onClick={onBack}>
        Begin again
      </button>
      <p className="sandbox-note">
        In the sandbox: code <kbd>123456</kbd>.
      </p>
    </form>
  );
}
