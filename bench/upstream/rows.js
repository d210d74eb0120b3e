/**
 * What a fake Bongloy Connect knows of one cardholder, as JSON:API resources with every documented attribute: 6
 * accounts, 15 cards (12 of them on the first three accounts), 300 transactions, newest first, made with those 12
 * cards. Deterministic: the same user has the same rows in every run. Users from 1000 on have `user - 1000` accounts
 * with a card each.
 */
const CARDS_PER_ACCOUNT = [4, 4, 4, 1, 1, 1];
const USED_CARDS = 12;
const TRANSACTIONS = 300;
const NEWEST = Date.UTC(2026, 9, 31, 9, 0, 0);
const MINUTE = 60_000;

const MERCHANTS = [
  ['Riverside Coffee', 'Phnom Penh', 'Cambodia', 'eating_places_restaurants'],
  ['Angkor Books', 'Siem Reap', 'Cambodia', 'book_stores'],
  ['Tuk Tuk One', 'Phnom Penh', 'Cambodia', 'taxicabs_limousines'],
  ['Kampot Pepper House', 'Kampot', 'Cambodia', 'grocery_stores_supermarkets'],
  ['Bassac Pharmacy', 'Phnom Penh', 'Cambodia', 'drug_stores_and_pharmacies'],
];

/** A UUID out of a kind, a user and a number. */
const uuid = (kind, user, n) =>
  `${String(kind).repeat(8)}-aaaa-4aaa-8aaa-${user.toString(16).padStart(6, '0')}${n.toString(16).padStart(6, '0')}`;

const seconds = (time) => `${new Date(time).toISOString().slice(0, 19)}Z`;
const stamps = { created_at: '2024-01-01T00:00:00Z', updated_at: '2024-06-01T00:00:00Z' };
const toOne = (type, id) => ({ data: { id, type } });

export const ACCOUNTS_OF_USER = (count) => 1000 + count;

export function rowsOf(user, count = TRANSACTIONS) {
  const cardsPerAccount = user < 1000 ? CARDS_PER_ACCOUNT : Array.from({ length: user - 1000 }, () => 1);
  const cardholderId = uuid(5, user, 0);
  const accounts = cardsPerAccount.map((_, n) => ({
    id: uuid(2, user, n),
    type: 'account',
    attributes: {
      ...stamps,
      currency: 'USD',
      number: String(user * 10 + n).padStart(6, '0'),
      status: 'active',
      metadata: { branch: 'riverside', tier: n % 2 ? 'silver' : 'gold' },
      account_identifier: `201${String(user * 10 + n).padStart(6, '0')}`,
    },
    relationships: { cardholder: toOne('cardholder', cardholderId) },
  }));
  const cards = cardsPerAccount.flatMap((count, account) =>
    Array.from({ length: count }, (_, n) => ({
      id: uuid(3, user, account * 10 + n),
      type: 'card',
      attributes: {
        ...stamps,
        last_four: String(1000 + ((user * 37 + account * 10 + n) % 9000)),
        exp_month: ((account + n) % 12) + 1,
        exp_year: 2028 + (n % 3),
        status: 'active',
        type: n % 2 ? 'virtual' : 'physical',
      },
      relationships: { account: toOne('account', accounts[account].id) },
    })),
  );
  const transactions = Array.from({ length: count }, (_, n) => {
    const card = cards[n % Math.min(USED_CARDS, cards.length)];
    const [name, city, country, category] = MERCHANTS[n % MERCHANTS.length];
    const time = NEWEST - n * 37 * MINUTE;
    const pending = n % 50 === 0;
    const amount = 100 + ((user * 7919 + n * 104_729) % 50_000);
    return {
      id: uuid(1, user, n),
      type: 'transaction',
      attributes: {
        created_at: seconds(time),
        updated_at: seconds(time + MINUTE),
        type: 'purchase',
        status: pending ? 'pending' : 'settled',
        balance_adjustment_type: 'debit',
        currency: 'USD',
        amount,
        transaction_currency: 'USD',
        transaction_amount: amount,
        fees: [],
        total_fee: 0,
        transaction_number: String(100_000_000_000 + user * 1000 + n),
        transaction_details: { type: 'card', card: { merchant_data: { name, city, country, category } } },
        transaction_time: seconds(time),
        settlement_time: pending ? null : seconds(time + 60 * MINUTE),
      },
      relationships: { account: card.relationships.account, card: toOne('card', card.id) },
    };
  });
  return {
    accounts,
    cards,
    transactions,
    balances: accounts.map(({ id }, n) => ({
      id,
      type: 'balance',
      attributes: {
        available: { amount: 90_000 + user * 100 + n, currency: 'USD' },
        balance: { amount: 100_000 + user * 100 + n, currency: 'USD' },
      },
    })),
    issuer: {
      id: uuid(4, 0, 0),
      type: 'card_issuer',
      attributes: {
        ...stamps,
        identifier: 'riverbank',
        name: 'Riverbank',
        code: '201',
        card_artwork: {
          image_front_url: 'https://cards.example/front.png',
          image_back_url: 'https://cards.example/back.png',
        },
      },
    },
    cardholder: {
      id: cardholderId,
      type: 'cardholder',
      attributes: {
        ...stamps,
        name: `Sok Example ${user}`,
        phone_number: phoneOf(user),
        email: null,
        type: 'individual',
        status: 'active',
        additional_details: { member_id: `X-${user}` },
        metadata: {},
        individual: {
          address: '1 Example St',
          date_of_birth: '1990-01-31',
          identity_document_number: 'X0000000',
          identity_document_type: 'id_card',
        },
      },
    },
  };
}

/** E.164 digits without `+`. */
export const phoneOf = (user) => `8551${String(user).padStart(7, '0')}`;
