/** What an editor tab of GraphiQL holds; its name is the operation's. */
export interface Tab {
  readonly query: string;
  /** JSON text. */
  readonly variables?: string;
}

const variables = (value: object): string => JSON.stringify(value, null, 2);

const OVERVIEW = `# Both providers in one request. You are logged in:
# the token stands in the Headers tab below.
query Overview {
  viewer { kind linkedProviders expiresAt }
  cardholder { name phoneNumber }
  accounts(first: 3) {
    nodes {
      number
      balance { available { formatted } }
      cards(first: 2) { nodes { lastFour type } }
    }
  }
  bankAccounts {
    nodes {
      accountNumber
      bank { name }
      balance { formatted(locale: "vi-VN") }
    }
  }
}
`;

const PAGING = `# Newest first. For the next page set "after", in the
# Variables tab below, to this page's endCursor.
# Cards, accounts and balances come along: see at the end,
# in extensions.upstream, how few calls that took.
query Paging($first: Int, $after: String) {
  transactions(first: $first, after: $after) {
    nodes {
      transactionTime
      status
      direction
      amount { formatted }
      description
      card { lastFour }
      account {
        number
        balance { available { formatted } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;

const ACTIVITY = `# What moved at both providers, merged, newest first.
query Activity($after: String) {
  activity(first: 10, after: $after) {
    nodes {
      provider
      occurredAt
      direction
      amount { formatted }
      description
      ... on Transaction { status card { lastFour } }
      ... on BankTransaction {
        bankAccount { accountNumber }
      }
    }
    unavailableProviders
    pageInfo { hasNextPage endCursor }
  }
}
`;

const LOG_IN = `# Logging a cardholder in, step 1 of 3: name the phone and
# an account. For a new session, empty the Headers tab
# first; with a token, the session that you have is used.
mutation LogIn($who: CreateCardholderVerificationInput!) {
  createCardholderVerification(input: $who) {
    __typename
    ... on CreateCardholderVerificationPayload {
      verification { id status validUntil }
    }
    ... on Error { code message }
  }
}
`;

const LOG_IN_CODE = `# Step 2 of 3, within two minutes. Write the id of step 1
# in the Variables tab, and the Firebase ID token of the
# phone's sign-in. Bongloy's simulator, on the port after
# PORT, gives one:
#
#   curl -X POST 127.0.0.1:4001/_sandbox/firebase-token \\
#     -d '{"phoneNumber":"85513333333","code":"123456"}'
mutation LogInCode($proof: AuthenticateCardholderInput!) {
  authenticateCardholder(input: $proof) {
    __typename
    ... on AuthenticateCardholderPayload {
      session { token expiresAt linkedProviders }
    }
    ... on Error { code message }
  }
}
`;

const LINK_BANK = `# Step 3 of 3: with the token of step 2 in the Headers
# tab, add a Casso business to the session by its API key.
# The one below is the simulator's, and opens nothing else:
# a real one is as secret as a password, so never keep it
# in a tab.
mutation LinkBank($business: LinkCassoApiKeyInput!) {
  linkCassoApiKey(input: $business) {
    __typename
    ... on LinkCassoApiKeyPayload {
      session { linkedProviders expiresAt }
    }
    ... on Error { code message }
  }
}
`;

const SYNC = `# Ask Casso to look at the bank now: at most once a minute
# per account. Then open the next tab with the eventCursor:
# it sees all that this finds, however fast it comes.
mutation Sync($account: SyncBankTransactionsInput!) {
  syncBankTransactions(input: $account) {
    __typename
    ... on SyncBankTransactionsPayload { eventCursor }
    ... on Error { code message }
    ... on RateLimitedError { retryAfterSeconds }
  }
}
`;

const SYNCED = `# Bank transfers after $after, then live. Without $after:
# from now on.
subscription Synced($after: String) {
  bankTransactionEvents(after: $after) {
    cursor
    receivedAt
    bankTransaction {
      amount { formatted(locale: "vi-VN") }
      direction
      description
      bankAccount { accountNumber }
    }
  }
}
`;

const LIVE = `# Whatever moves at either provider, as it happens. Stop,
# and go on later with the last cursor as $after: nothing
# is lost, and nothing comes twice.
subscription Live($after: String) {
  activityEvents(after: $after) {
    __typename
    ... on TransactionEvent {
      cursor
      type
      transaction {
        status
        amount { formatted }
        description
        card { lastFour }
      }
    }
    ... on BankTransactionEvent {
      cursor
      type
      bankTransaction {
        direction
        amount { formatted }
        description
      }
    }
  }
}
`;

/** What a newcomer finds open: each works as it is in `npm run dev`, with the simulators' demo data. */
export const GRAPHIQL_TABS: readonly Tab[] = [
  { query: OVERVIEW },
  { query: PAGING, variables: variables({ first: 5, after: null }) },
  { query: ACTIVITY, variables: variables({ after: null }) },
  {
    query: LOG_IN,
    variables: variables({ who: { phoneNumber: '+85513333333', accountIdentifier: '204000201' } }),
  },
  {
    query: LOG_IN_CODE,
    variables: variables({
      proof: { cardholderVerificationId: 'the id of step 1', authToken: 'the Firebase ID token' },
    }),
  },
  {
    query: LINK_BANK,
    variables: variables({ business: { apiKey: `AK_CS.${'a1'.repeat(16)}.${'MainBusiness'.repeat(6)}` } }),
  },
  { query: SYNC, variables: variables({ account: { bankAccountNumber: '00710008888' } }) },
  { query: SYNCED, variables: variables({ after: null }) },
  { query: LIVE, variables: variables({ after: null }) },
];
