/**
 * Who is there, and what each of them is for:
 *
 * | cardholder | has |
 * | --- | --- |
 * | `main` | the sandbox's test login; 3 accounts (two USD, one KHR), 14 cards, 300 transactions with every oddity |
 * | `manyAccounts` | 12 accounts (USD, KHR, VND), a card each: more than one default page of both |
 * | `roundTotal` | 1 account, 1 card, exactly 100 transactions: a multiple of the page sizes 10 and 100 |
 * | `empty` | nothing at all, so only `issueTokens` logs them in |
 * | `sampleAccounts` | the two accounts of the seed's account list, alone |
 * | `sampleAccount` | the seed's single account; another with the seed's single card |
 * | `sampleCards` | the two cards of the seed's card list, alone; the account of the seed's balance |
 * | `sampleTransactions` | the seed's page of two and an older row; the seed's phone and account to verify |
 * | `metaKanha` | the seed's cardholder and issuer; the seed's filtered transaction and its single one |
 *
 * Everybody signs in with the same one-time code.
 */
export const SANDBOX_CARDHOLDERS = {
  main: 'ca000000-0000-4000-8000-000000000001',
  manyAccounts: 'ca000000-0000-4000-8000-000000000002',
  roundTotal: 'ca000000-0000-4000-8000-000000000003',
  empty: 'ca000000-0000-4000-8000-000000000004',
  sampleAccounts: 'af0cc7b9-3083-4fea-9661-dc494de50b33',
  sampleAccount: 'e1f40d6a-d448-4af8-80b7-bc84d08ddbb2',
  sampleCards: 'ca000000-0000-4000-8000-000000000005',
  sampleTransactions: 'ca000000-0000-4000-8000-000000000006',
  metaKanha: '1bac7f07-8acb-43a6-bcca-ec9637eb0135',
} as const;

/** The accounts of `main`, oldest first. */
export const SANDBOX_ACCOUNTS = {
  everyday: 'acc00000-0000-4000-8000-000000000001',
  savings: 'acc00000-0000-4000-8000-000000000002',
  riel: 'acc00000-0000-4000-8000-000000000003',
} as const;

/** The test phone of the documents, and the account that it verifies with. */
export const MAIN_LOGIN = {
  cardholder: SANDBOX_CARDHOLDERS.main,
  phoneNumber: '85513333333',
  accountId: SANDBOX_ACCOUNTS.everyday,
  accountIdentifier: '204000201',
} as const;
