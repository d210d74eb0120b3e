import { formatMoney } from '../format/money.ts';
import type { OverviewQuery } from '../gql/graphql.ts';

type Account = NonNullable<OverviewQuery['accounts']>['nodes'][number];
type Card = NonNullable<Account['cards']>['nodes'][number];

/** @param accounts undefined while they load, or when they could not be read. */
export function Accounts({
  accounts,
  failed,
}: {
  accounts: readonly Account[] | undefined;
  failed: boolean;
}) {
  return (
    <section aria-labelledby="accounts">
      <h2 id="accounts">Accounts and cards</h2>
      {!accounts && !failed && <div className="skeleton" role="status" aria-label="Loading accounts" />}
      {accounts?.length === 0 && <p className="empty">There is no account yet.</p>}
      <ul className="accounts">
        {accounts?.map((account) => (
          <AccountTile key={account.id} account={account} />
        ))}
      </ul>
    </section>
  );
}

function AccountTile({ account: { number, currency, balance, cards } }: { account: Account }) {
  const isHeld = balance?.available.decimal !== balance?.balance.decimal;
  return (
    <li className="tile">
      <h3>
        {currency} <span className="quiet">account {number}</span>
      </h3>
      <div className="tile__balance">
        <p className="tile__amount">
          {balance ? formatMoney(balance.available) : <span className="quiet">Balance unavailable</span>}
        </p>
        {balance && <p className="quiet">available{isHeld && ` of ${formatMoney(balance.balance)}`}</p>}
      </div>
      {cards && cards.nodes.length > 0 && (
        <ul className="cards" aria-label={`Cards of account ${number}`} tabIndex={0}>
          {cards.nodes.map((card) => (
            <PaymentCard key={card.id} card={card} />
          ))}
        </ul>
      )}
    </li>
  );
}

function PaymentCard({ card: { lastFour, type, expMonth, expYear } }: { card: Card }) {
  const expires = `${String(expMonth).padStart(2, '0')}/${String(expYear).slice(-2)}`;
  return (
    <li className={type === 'VIRTUAL' ? 'card card--virtual' : 'card'}>
      <span className="card__type">{type === 'VIRTUAL' ? 'Virtual' : 'Card'}</span>
      <span className="card__number">
        <span aria-hidden="true">•••• </span>
        <span className="hidden">ending in </span>
        {lastFour}
      </span>
      <span className="card__expires">
        <span className="hidden">expires </span>
        {expires}
      </span>
    </li>
  );
}
