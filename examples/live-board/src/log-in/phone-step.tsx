import { useMutation } from '@apollo/client/react';
import { type FormEvent, useState } from 'react';
import { sendCode } from '../api/phone-sign-in.ts';
import { type Problem, problemOf } from '../api/problem.ts';
import { BeginLogInDocument } from '../gql/graphql.ts';
import { ProblemNote } from '../parts/problem-note.tsx';
import { useSecondsLeft } from '../parts/seconds-left.ts';
import type { Begun } from './log-in.tsx';
import { readForm } from './read-form.ts';

/** Names the phone and an account, and has the code sent. */
export function PhoneStep({ onBegun }: { onBegun: (begun: Begun) => void }) {
  const [begin, { loading }] = useMutation(BeginLogInDocument);
  const [problem, setProblem] = useState<Problem | null>(null);
  const seconds = useSecondsLeft(problem);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const field = readForm(event.currentTarget);
    const phoneNumber = field('phone').replaceAll(/[\s()-]/g, '');
    const accountIdentifier = field('account').replaceAll(/\s/g, '');
    setProblem(null);
    try {
      const { data } = await begin({ variables: { input: { phoneNumber, accountIdentifier } } });
      const result = data?.result;
      if (result?.__typename !== 'CreateCardholderVerificationPayload') {
        return setProblem(result ?? { code: 'INTERNAL_SERVER_ERROR' });
      }
      await sendCode(phoneNumber);
      onBegun({ phoneNumber, verificationId: result.verification.id });
    } catch (error) {
      setProblem(problemOf(error));
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label htmlFor="phone">Phone number</label>
      <input id="phone" name="phone" type="tel" autoComplete="tel" placeholder="+855…" required autoFocus />
      <label htmlFor="account">Account number</label>
      <input
        id="account"
        name="account"
        inputMode="numeric"
        autoComplete="username"
        placeholder="Nine digits"
        required
        aria-describedby="account-hint"
      />
      <p className="hint" id="account-hint">
        The issuer’s three digits, then the number on your account.
      </p>
      {problem && <ProblemNote problem={problem} />}
      <button type="submit" className="button" disabled={loading || seconds > 0}>
        {seconds > 0 ? `Wait ${seconds} s` : loading ? 'One moment…' : 'Send me a code'}
      </button>
      <p className="sandbox-note">
        In the sandbox: phone <kbd>+85513333333</kbd>, account <kbd>204000201</kbd>.
      </p>
    </form>
  );
}
