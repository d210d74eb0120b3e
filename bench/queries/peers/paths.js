/** The upstream's addresses. */
const list = (name, size, after) =>
  `/connect/v1/${name}?page%5Bsize%5D=${size}${after ? `&page%5Bafter%5D=${after}` : ''}`;

export const paths = {
  issuer: '/connect/v1/card_issuer',
  cardholder: '/connect/v1/cardholder',
  transactions: ({ first = 10, after }) => list('transactions', first, after),
  accounts: ({ first = 10 }) => list('accounts', first),
  cards: list('cards', 100),
  everyAccount: list('accounts', 100),
  card: (id) => `/connect/v1/cards/${id}`,
  account: (id) => `/connect/v1/accounts/${id}`,
  balance: (id) => `/connect/v1/accounts/${id}/balance`,
};
