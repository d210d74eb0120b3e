import type { Tab } from './graphiql.ts';

/** What a newcomer finds open: each works as it is in `npm run dev`. */
export const GRAPHIQL_TABS: readonly Tab[] = [
  {
    query: `# Both providers in one request. The demo cardholder's token stands in the Headers tab below.
query Overview {
  viewer { kind expiresAt linkedProviders }
  cardholder { name phoneNumber additionalDetails }
  accounts(first: 5) {
    nodes {
      number
      balance { available { formatted } balance { formatted(locale: "km-KH") } }
      cards(first: 3) { nodes { lastFour expMonth expYear type } }
    }
  }
  bankAccounts(first: 5) {
    nodes { accountNumber accountName bank { name bin } balance { formatted(locale: "vi-VN") } }
  }
}
`,
  },
  {
    query: `# What moved at both providers, merged newest first. Ask again with $after = endCursor for the next page.
query Activity($after: String) {
  activity(first: 10, after: $after) {
    nodes {
      __typename
      occurredAt
      direction
      amount { decimal currency formatted }
      description
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: '{ "after": null }',
  },
  {
    query: `# Twenty rows with their cards, accounts and balances: look at extensions.upstream for what that cost.
query Transactions($filter: TransactionFilter) {
  transactions(first: 20, filter: $filter) {
    nodes {
      transactionTime
      status
      amount { formatted }
      description
      card { lastFour }
      account { number balance { available { formatted } } }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`,
    variables: '{ "filter": { "balanceAdjustmentType": "DEBIT" } }',
  },
];
