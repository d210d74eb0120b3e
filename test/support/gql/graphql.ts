/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Whether an account can be used. */
export type AccountStatus =
  /** It can. */
  | 'ACTIVE'
  /** Any state that Bongloy does not document; see `rawStatus`. */
  | 'OTHER';

/** The proof that the phone is in the right hands. */
export type AuthenticateCardholderInput = {
  /** The Firebase ID token of the device's phone sign-in: as secret as a password. At most 8,192 characters. */
  authToken: string;
  /** From `createCardholderVerification`. At most 128 characters. */
  cardholderVerificationId: string;
};

/** What a transaction does to the balance. */
export type BalanceAdjustmentType =
  /** It adds to it. */
  | 'CREDIT'
  /** It takes from it. */
  | 'DEBIT';

/** Narrows events of bank transactions; every condition that is given must hold. */
export type BankTransactionEventFilter = {
  /** On this bank account. At most 128 characters. */
  bankAccountId?: string | null | undefined;
  /** That moved this way. */
  direction?: MoneyDirection | null | undefined;
  /** Of at most this amount, as `minimumAmount` counts it, and not below that. The same number in both is exactly this amount. */
  maximumAmount?: number | null | undefined;
  /** Of at least this amount, in minor units, whichever way it moved: 50000 is 50,000 VND, the only currency of Casso. Never negative; add `direction` for one way alone. */
  minimumAmount?: number | null | undefined;
  /** Whose `description` holds this text. Case, accents, blanks and punctuation are ignored on both sides, as banks change them: `dh1234` finds "THANHTOAN  DH-12.34", and `đồng` finds "DONG". Needs a letter or a digit. At most 200 characters. */
  text?: string | null | undefined;
};

/** Narrows a list of bank transactions; every condition that is given must hold. */
export type BankTransactionFilter = {
  /** On this bank account. At most 128 characters. */
  bankAccountId?: string | null | undefined;
  /** That moved this way. */
  direction?: MoneyDirection | null | undefined;
  /** On this day or later, as days go in Vietnam. */
  from?: string | null | undefined;
  /** Of at most this amount, as `minimumAmount` counts it, and not below that. The same number in both is exactly this amount. */
  maximumAmount?: number | null | undefined;
  /** Of at least this amount, in minor units, whichever way it moved: 50000 is 50,000 VND, the only currency of Casso. Never negative; add `direction` for one way alone. */
  minimumAmount?: number | null | undefined;
  /** Whose `description` holds this text. Case, accents, blanks and punctuation are ignored on both sides, as banks change them: `dh1234` finds "THANHTOAN  DH-12.34", and `đồng` finds "DONG". Needs a letter or a digit. At most 200 characters. */
  text?: string | null | undefined;
  /** On this day or earlier, as days go in Vietnam. */
  to?: string | null | undefined;
};

/** What the browser brought back. */
export type CompleteCassoAuthorizationInput = {
  /** The `code` of the redirect. At most 4,096 characters. */
  code: string;
  /** The `state` of the redirect. At most 1,024 characters. */
  state: string;
};

/** Who wants to log in. */
export type CreateCardholderVerificationInput = {
  /** The number of one of the accounts, with the issuer’s code in front: `201000138`. At most 64 characters. */
  accountIdentifier: string;
  /** The cardholder's phone number. */
  phoneNumber: string;
};

/** What went wrong, and so what to do next: in `extensions.code` of errors, and in the typed errors of mutations. */
export type ErrorCode =
  /** The request is wrong, or an argument: `field` names it. Change it before asking again. */
  | 'BAD_USER_INPUT'
  /** The event log no longer holds that position. Reload, and go on from `earliestCursor`. */
  | 'CURSOR_EXPIRED'
  /** The token lacks the scope named in `requiredScope`, or the page is of a site that may not ask. Asking again does not help. */
  | 'FORBIDDEN'
  /** A fault of this API. It was logged; ask again later. */
  | 'INTERNAL_SERVER_ERROR'
  /** The provider refused the login: wrong or expired code, token, or key. Start the login again. */
  | 'INVALID_GRANT'
  /** The authorization state is unknown, used, expired, or of another session. Start again. */
  | 'INVALID_STATE'
  /** It does not exist, or is not yours: the two are never told apart. */
  | 'NOT_FOUND'
  /** The manifest of this gateway has no document of that id. Send the text, or release the manifest first. */
  | 'PERSISTED_QUERY_NOT_FOUND'
  /** No document is known here by its hash. Send its text; clients with persisted queries do that by themselves. */
  | 'PERSISTED_QUERY_NOT_SUPPORTED'
  /** The operation is larger or costs more than is allowed; `cost` or the message tells how much. Ask for less at once. */
  | 'QUERY_TOO_COMPLEX'
  /** Too many requests. Wait `retryAfterSeconds`, then ask again. */
  | 'RATE_LIMITED'
  /** No valid token, or a session that is not linked to `provider`. Log in, or link the provider, and ask again. */
  | 'UNAUTHENTICATED'
  /** The provider refused the request. Asking again unchanged does not help. */
  | 'UPSTREAM_REJECTED'
  /** The provider was too slow. Ask again later. */
  | 'UPSTREAM_TIMEOUT'
  /** The provider gave no usable answer. Ask again later. */
  | 'UPSTREAM_UNAVAILABLE';

/** A key of the Casso business. */
export type LinkCassoApiKeyInput = {
  /** Made by hand in Casso's settings. It opens everything in the business: as secret as a password. At most 1,024 characters. */
  apiKey: string;
};

/** Which way money moved, seen from the account. */
export type MoneyDirection =
  /** It came in. */
  | 'CREDIT'
  /** It went out. */
  | 'DEBIT';

/** The payment providers behind this API. */
export type Provider =
  /** Bongloy, Cambodia: accounts, cards and card transactions. */
  | 'BONGLOY'
  /** Casso, Vietnam: bank accounts and bank transactions. */
  | 'CASSO';

/** How the browser comes back. */
export type StartCassoAuthorizationInput = {
  /** One of the redirect URIs that this gateway was configured with, exactly. At most 2,048 characters. */
  redirectUri: string;
  /** What to ask for in Casso’s words; `webhook` and `transaction` without. At most 100, each of at most 64 characters. */
  scopes?: Array<string> | null | undefined;
};

/** What to look at. */
export type SyncBankTransactionsInput = {
  /** The bank's number: `BankAccount.accountNumber`. Casso takes the number alone: where two of your banks gave the same one, both accounts are meant, and rest together. At most 64 characters. */
  bankAccountNumber: string;
};

/** Narrows events of card transactions; every condition that is given must hold. */
export type TransactionEventFilter = {
  /** On this account. At most 128 characters. */
  accountId?: string | null | undefined;
  /** Made with this card. At most 128 characters. */
  cardId?: string | null | undefined;
};

/** Narrows a list of transactions; every condition that is given must hold. */
export type TransactionFilter = {
  /** On this account. At most 128 characters. */
  accountId?: string | null | undefined;
  /** With this effect on the balance. */
  balanceAdjustmentType?: BalanceAdjustmentType | null | undefined;
  /** Made with this card. At most 128 characters. */
  cardId?: string | null | undefined;
  /** At this moment or later (`transactionTime`). */
  from?: string | null | undefined;
  /** In this state: PENDING or SETTLED. */
  status?: TransactionStatus | null | undefined;
  /** At this moment or earlier (`transactionTime`). */
  to?: string | null | undefined;
};

/** How far a transaction has come. */
export type TransactionStatus =
  /** A state that Bongloy does not document; see `rawStatus`. */
  | 'OTHER'
  /** Held, not yet booked. */
  | 'PENDING'
  /** Booked. */
  | 'SETTLED';

/** What kind of token a request carried. */
export type ViewerKind =
  /** None: may only log in. */
  | 'ANONYMOUS'
  /** An operator's token, for the shop's own business. */
  | 'OPERATOR'
  /** A session, made by a login. */
  | 'SESSION';

export type ActivityQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type ActivityQuery = { activity: { unavailableProviders: Array<Provider>, edges: Array<{ node:
        | { __typename: 'BankTransaction', reference: string, id: string, provider: Provider, direction: MoneyDirection, occurredAt: string, counterparty: { name: string | null } | null, amount: { minorUnits: number, currency: string, decimal: string } }
        | { __typename: 'Transaction', status: TransactionStatus, id: string, provider: Provider, direction: MoneyDirection, occurredAt: string, details:
            | { __typename: 'CardTransactionDetails', merchant: { name: string | null } }
            | { __typename: 'OtherTransactionDetails' }
           | null, amount: { minorUnits: number, currency: string, decimal: string } }
       }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type BankTransactionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: BankTransactionFilter | null | undefined;
}>;


export type BankTransactionsQuery = { eventCursor: string, bankTransactions: { edges: Array<{ node: { id: string, occurredAt: string, direction: MoneyDirection, description: string | null, reference: string, amount: { minorUnits: number, currency: string, decimal: string }, bankAccount: { id: string, accountNumber: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type SyncBankMutationVariables = Exact<{
  input: SyncBankTransactionsInput;
}>;


export type SyncBankMutation = { syncBankTransactions:
    | { __typename: 'BadUserInputError', code: ErrorCode, message: string }
    | { __typename: 'ForbiddenError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', retryAfterSeconds: number | null, code: ErrorCode, message: string }
    | { __typename: 'SyncBankTransactionsPayload', eventCursor: string }
    | { __typename: 'UnauthenticatedError', code: ErrorCode, message: string }
    | { __typename: 'UpstreamError', code: ErrorCode, message: string }
   };

export type BankNewsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  filter?: BankTransactionEventFilter | null | undefined;
}>;


export type BankNewsSubscription = { bankTransactionEvents: { cursor: string, bankTransaction: { id: string, occurredAt: string, direction: MoneyDirection, description: string | null, reference: string, amount: { minorUnits: number, currency: string, decimal: string }, bankAccount: { id: string, accountNumber: string } | null } | null } };

export type BankMovementFragment = { id: string, occurredAt: string, direction: MoneyDirection, description: string | null, reference: string, amount: { minorUnits: number, currency: string, decimal: string }, bankAccount: { id: string, accountNumber: string } | null };

export type LinkBankByKeyMutationVariables = Exact<{
  input: LinkCassoApiKeyInput;
}>;


export type LinkBankByKeyMutation = { linkCassoApiKey:
    | { __typename: 'InvalidGrantError', code: ErrorCode, message: string }
    | { __typename: 'LinkCassoApiKeyPayload', session: { token: string, expiresAt: string, linkedProviders: Array<Provider> } }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string }
    | { __typename: 'UpstreamError', code: ErrorCode, message: string }
   };

export type BeginLinkingBankMutationVariables = Exact<{
  input: StartCassoAuthorizationInput;
}>;


export type BeginLinkingBankMutation = { startCassoAuthorization:
    | { __typename: 'BadUserInputError', code: ErrorCode, message: string }
    | { __typename: 'StartCassoAuthorizationPayload', authorizationUrl: string, state: string, expiresAt: string }
   };

export type FinishLinkingBankMutationVariables = Exact<{
  input: CompleteCassoAuthorizationInput;
}>;


export type FinishLinkingBankMutation = { completeCassoAuthorization:
    | { __typename: 'CompleteCassoAuthorizationPayload', session: { token: string, expiresAt: string, linkedProviders: Array<Provider> } }
    | { __typename: 'InvalidGrantError', code: ErrorCode, message: string }
    | { __typename: 'InvalidStateError', code: ErrorCode, message: string }
    | { __typename: 'UpstreamError', code: ErrorCode, message: string }
   };

export type BeginLogInMutationVariables = Exact<{
  input: CreateCardholderVerificationInput;
}>;


export type BeginLogInMutation = { createCardholderVerification:
    | { __typename: 'BadUserInputError', code: ErrorCode, field: string | null, message: string }
    | { __typename: 'CreateCardholderVerificationPayload', verification: { id: string, validUntil: string } }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'UpstreamError', message: string }
   };

export type FinishLogInMutationVariables = Exact<{
  input: AuthenticateCardholderInput;
}>;


export type FinishLogInMutation = { authenticateCardholder:
    | { __typename: 'AuthenticateCardholderPayload', session: { token: string, linkedProviders: Array<Provider> } }
    | { __typename: 'BadUserInputError', code: ErrorCode, message: string }
    | { __typename: 'InvalidGrantError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string }
    | { __typename: 'UpstreamError', code: ErrorCode, message: string }
   };

export type NewsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type NewsSubscription = { activityEvents:
    | { __typename: 'BankTransactionEvent', id: string, cursor: string, unavailableProviders: Array<Provider>, bankTransaction: { id: string, description: string | null } | null }
    | { __typename: 'TransactionEvent', id: string, cursor: string, unavailableProviders: Array<Provider>, transaction: { id: string, description: string | null } | null }
   };

export type OverviewQueryVariables = Exact<{
  accounts: number;
}>;


export type OverviewQuery = { viewer: { kind: ViewerKind, linkedProviders: Array<Provider> }, accounts: { nodes: Array<{ id: string, number: string, status: AccountStatus, createdAt: string, metadata: Record<string, unknown>, balance: { available: { minorUnits: number, currency: string, decimal: string } } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, bankAccounts: { nodes: Array<{ id: string, accountNumber: string, balance: { minorUnits: number, currency: string, decimal: string } | null }> } | null };

export type KeepSessionMutationVariables = Exact<{ [key: string]: never; }>;


export type KeepSessionMutation = { refreshSession:
    | { __typename: 'InvalidGrantError', code: ErrorCode, message: string }
    | { __typename: 'RefreshSessionPayload', expiresAt: string, linkedProviders: Array<Provider> }
    | { __typename: 'UnauthenticatedError', code: ErrorCode, message: string }
    | { __typename: 'UpstreamError', code: ErrorCode, message: string }
   };

export type LogOutMutationVariables = Exact<{ [key: string]: never; }>;


export type LogOutMutation = { logout:
    | { __typename: 'LogoutPayload', revoked: Array<Provider>, unconfirmed: Array<Provider> }
    | { __typename: 'UnauthenticatedError', code: ErrorCode, message: string }
   };

export type TransactionsQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: TransactionFilter | null | undefined;
}>;


export type TransactionsQuery = { eventCursor: string, transactions: { edges: Array<{ node: { id: string, occurredAt: string, status: TransactionStatus, direction: MoneyDirection, description: string | null, amount: { minorUnits: number, currency: string, decimal: string }, card: { id: string, lastFour: string } | null, account: { id: string, number: string } | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

export type TransactionNewsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
  filter?: TransactionEventFilter | null | undefined;
}>;


export type TransactionNewsSubscription = { transactionEvents: { cursor: string, type: string, transaction: { id: string, occurredAt: string, status: TransactionStatus, direction: MoneyDirection, description: string | null, amount: { minorUnits: number, currency: string, decimal: string }, card: { id: string, lastFour: string } | null, account: { id: string, number: string } | null } | null } };

export type CardTransactionFragment = { id: string, occurredAt: string, status: TransactionStatus, direction: MoneyDirection, description: string | null, amount: { minorUnits: number, currency: string, decimal: string }, card: { id: string, lastFour: string } | null, account: { id: string, number: string } | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const BankMovementFragmentDoc = new TypedDocumentString(`
    fragment BankMovement on BankTransaction {
  id
  occurredAt
  direction
  description
  reference
  amount {
    minorUnits
    currency
    decimal
  }
  bankAccount {
    id
    accountNumber
  }
}
    `, {"fragmentName":"BankMovement"}) as unknown as TypedDocumentString<BankMovementFragment, unknown>;
export const CardTransactionFragmentDoc = new TypedDocumentString(`
    fragment CardTransaction on Transaction {
  id
  occurredAt
  status
  direction
  description
  amount {
    minorUnits
    currency
    decimal
  }
  card {
    id
    lastFour
  }
  account {
    id
    number
  }
}
    `, {"fragmentName":"CardTransaction"}) as unknown as TypedDocumentString<CardTransactionFragment, unknown>;
export const ActivityDocument = new TypedDocumentString(`
    query Activity($first: Int, $after: String) {
  activity(first: $first, after: $after) {
    edges {
      node {
        __typename
        id
        provider
        direction
        occurredAt
        amount {
          minorUnits
          currency
          decimal
        }
        ... on Transaction {
          status
          details {
            __typename
            ... on CardTransactionDetails {
              merchant {
                name
              }
            }
          }
        }
        ... on BankTransaction {
          reference
          counterparty {
            name
          }
        }
      }
    }
    unavailableProviders
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    `) as unknown as TypedDocumentString<ActivityQuery, ActivityQueryVariables>;
export const BankTransactionsDocument = new TypedDocumentString(`
    query BankTransactions($first: Int, $after: String, $filter: BankTransactionFilter) {
  eventCursor
  bankTransactions(first: $first, after: $after, filter: $filter) {
    edges {
      node {
        ...BankMovement
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment BankMovement on BankTransaction {
  id
  occurredAt
  direction
  description
  reference
  amount {
    minorUnits
    currency
    decimal
  }
  bankAccount {
    id
    accountNumber
  }
}`) as unknown as TypedDocumentString<BankTransactionsQuery, BankTransactionsQueryVariables>;
export const SyncBankDocument = new TypedDocumentString(`
    mutation SyncBank($input: SyncBankTransactionsInput!) {
  syncBankTransactions(input: $input) {
    __typename
    ... on SyncBankTransactionsPayload {
      eventCursor
    }
    ... on RateLimitedError {
      retryAfterSeconds
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SyncBankMutation, SyncBankMutationVariables>;
export const BankNewsDocument = new TypedDocumentString(`
    subscription BankNews($after: String, $filter: BankTransactionEventFilter) {
  bankTransactionEvents(after: $after, filter: $filter) {
    cursor
    bankTransaction {
      ...BankMovement
    }
  }
}
    fragment BankMovement on BankTransaction {
  id
  occurredAt
  direction
  description
  reference
  amount {
    minorUnits
    currency
    decimal
  }
  bankAccount {
    id
    accountNumber
  }
}`) as unknown as TypedDocumentString<BankNewsSubscription, BankNewsSubscriptionVariables>;
export const LinkBankByKeyDocument = new TypedDocumentString(`
    mutation LinkBankByKey($input: LinkCassoApiKeyInput!) {
  linkCassoApiKey(input: $input) {
    __typename
    ... on LinkCassoApiKeyPayload {
      session {
        token
        expiresAt
        linkedProviders
      }
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<LinkBankByKeyMutation, LinkBankByKeyMutationVariables>;
export const BeginLinkingBankDocument = new TypedDocumentString(`
    mutation BeginLinkingBank($input: StartCassoAuthorizationInput!) {
  startCassoAuthorization(input: $input) {
    __typename
    ... on StartCassoAuthorizationPayload {
      authorizationUrl
      state
      expiresAt
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<BeginLinkingBankMutation, BeginLinkingBankMutationVariables>;
export const FinishLinkingBankDocument = new TypedDocumentString(`
    mutation FinishLinkingBank($input: CompleteCassoAuthorizationInput!) {
  completeCassoAuthorization(input: $input) {
    __typename
    ... on CompleteCassoAuthorizationPayload {
      session {
        token
        expiresAt
        linkedProviders
      }
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<FinishLinkingBankMutation, FinishLinkingBankMutationVariables>;
export const BeginLogInDocument = new TypedDocumentString(`
    mutation BeginLogIn($input: CreateCardholderVerificationInput!) {
  createCardholderVerification(input: $input) {
    __typename
    ... on CreateCardholderVerificationPayload {
      verification {
        id
        validUntil
      }
    }
    ... on BadUserInputError {
      code
      field
    }
    ... on Error {
      message
    }
  }
}
    `) as unknown as TypedDocumentString<BeginLogInMutation, BeginLogInMutationVariables>;
export const FinishLogInDocument = new TypedDocumentString(`
    mutation FinishLogIn($input: AuthenticateCardholderInput!) {
  authenticateCardholder(input: $input) {
    __typename
    ... on AuthenticateCardholderPayload {
      session {
        token
        linkedProviders
      }
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<FinishLogInMutation, FinishLogInMutationVariables>;
export const NewsDocument = new TypedDocumentString(`
    subscription News($after: String) {
  activityEvents(after: $after) {
    __typename
    ... on TransactionEvent {
      id
      cursor
      unavailableProviders
      transaction {
        id
        description
      }
    }
    ... on BankTransactionEvent {
      id
      cursor
      unavailableProviders
      bankTransaction {
        id
        description
      }
    }
  }
}
    `) as unknown as TypedDocumentString<NewsSubscription, NewsSubscriptionVariables>;
export const OverviewDocument = new TypedDocumentString(`
    query Overview($accounts: Int!) {
  viewer {
    kind
    linkedProviders
  }
  accounts(first: $accounts) {
    nodes {
      id
      number
      status
      createdAt
      metadata
      balance {
        available {
          minorUnits
          currency
          decimal
        }
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
  bankAccounts {
    nodes {
      id
      accountNumber
      balance {
        minorUnits
        currency
        decimal
      }
    }
  }
}
    `) as unknown as TypedDocumentString<OverviewQuery, OverviewQueryVariables>;
export const KeepSessionDocument = new TypedDocumentString(`
    mutation KeepSession {
  refreshSession {
    __typename
    ... on RefreshSessionPayload {
      expiresAt
      linkedProviders
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<KeepSessionMutation, KeepSessionMutationVariables>;
export const LogOutDocument = new TypedDocumentString(`
    mutation LogOut {
  logout {
    __typename
    ... on LogoutPayload {
      revoked
      unconfirmed
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<LogOutMutation, LogOutMutationVariables>;
export const TransactionsDocument = new TypedDocumentString(`
    query Transactions($first: Int, $after: String, $filter: TransactionFilter) {
  eventCursor
  transactions(first: $first, after: $after, filter: $filter) {
    edges {
      node {
        ...CardTransaction
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment CardTransaction on Transaction {
  id
  occurredAt
  status
  direction
  description
  amount {
    minorUnits
    currency
    decimal
  }
  card {
    id
    lastFour
  }
  account {
    id
    number
  }
}`) as unknown as TypedDocumentString<TransactionsQuery, TransactionsQueryVariables>;
export const TransactionNewsDocument = new TypedDocumentString(`
    subscription TransactionNews($after: String, $filter: TransactionEventFilter) {
  transactionEvents(after: $after, filter: $filter) {
    cursor
    type
    transaction {
      ...CardTransaction
    }
  }
}
    fragment CardTransaction on Transaction {
  id
  occurredAt
  status
  direction
  description
  amount {
    minorUnits
    currency
    decimal
  }
  card {
    id
    lastFour
  }
  account {
    id
    number
  }
}`) as unknown as TypedDocumentString<TransactionNewsSubscription, TransactionNewsSubscriptionVariables>;