import { useState } from 'react';
import { River } from '../parts/river.tsx';
import { CodeStep } from './code-step.tsx';
import { PhoneStep } from './phone-step.tsx';

/** A login that has begun: Bongloy expects this phone's code, for two minutes. */
export interface Begun {
  readonly verificationId: string;
  readonly phoneNumber: string;
}

export function LogIn() {
  const [begun, setBegun] = useState<Begun | null>(null);
  return (
    <main className="log-in">
      <div className="log-in__panel">
        <River />
        <h1>Your money, as it moves</h1>
        <p className="log-in__lead">Cards in Cambodia and bank accounts in Vietnam, on one live board.</p>
        {begun ? <CodeStep begun={begun} onBack={() => setBegun(null)} /> : <PhoneStep onBegun={setBegun} />}
      </div>
    </main>
  );
}
