import { formatMoney } from '../format/money.ts';
import { timeOf } from '../format/time.ts';
import { Written } from '../format/written.tsx';
import type { MovementFragment } from '../gql/graphql.ts';

/** @param fresh it came while the page was open. */
export function MovementRow({ movement, fresh }: { movement: MovementFragment; fresh: boolean }) {
  const { direction, amount, description, occurredAt } = movement;
  const fromBank = movement.__typename === 'BankTransaction';
  return (
    <li className={fresh ? 'movement movement--fresh' : 'movement'} data-id={movement.id}>
      <Icon fromBank={fromBank} />
      <div className="movement__words">
        <p className="movement__what">
          <Written text={description ?? (fromBank ? 'Bank transfer' : 'Card payment')} />
        </p>
        <p className="quiet">{whereOf(movement)}</p>
      </div>
      <div className="movement__money">
        <p className={`movement__amount movement__amount--${direction.toLowerCase()}`}>
          {formatMoney(amount, direction)}
        </p>
        <p className="quiet">
          <time dateTime={occurredAt}>{timeOf(occurredAt, fromBank)}</time>
        </p>
      </div>
    </li>
  );
}

function whereOf(movement: MovementFragment) {
  if (movement.__typename === 'BankTransaction') {
    const { bankAccount } = movement;
    return (
      <Written
        text={bankAccount ? `${bankAccount.accountNumber} · ${bankAccount.bank.name ?? 'Bank'}` : 'Bank'}
      />
    );
  }
  const { card, status } = movement;
  return (
    <>
      {card ? `Card •••• ${card.lastFour}` : 'Account'}
      {status === 'PENDING' && <span className="pending">Pending</span>}
    </>
  );
}

const Icon = ({ fromBank }: { fromBank: boolean }) => (
  <svg className={fromBank ? 'icon icon--bank' : 'icon icon--card'} viewBox="0 0 24 24" aria-hidden="true">
    {fromBank ? (
      <path d="M4 10l8-5 8 5M5.5 10v7m4.3-7v7m4.4-7v7m4.3-7v7M4 19h16" />
    ) : (
      <path d="M4 8a2 2 0 012-2h12a2 2 0 012 2v8a2 2 0 01-2 2H6a2 2 0 01-2-2zm0 2.5h16M7.5 14.5H11" />
    )}
  </svg>
);
