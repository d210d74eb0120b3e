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
  /** The Firebase ID token of the device's phone sign-in: as secret as a password. */
  authToken: string;
  /** From `createCardholderVerification`. */
  cardholderVerificationId: string;
};

/** Who wants to log in. */
export type CreateCardholderVerificationInput = {
  /** The number of one of the accounts, with the issuer’s code in front: `201000138`. */
  accountIdentifier: string;
  /** The cardholder's phone number. */
  phoneNumber: string;
};

/** What went wrong, and so what to do next: in `extensions.code` of errors, and in the typed errors of mutations. */
export type ErrorCode =
  /** An argument is wrong; `field` names it. Change it before asking again. */
  | 'BAD_USER_INPUT'
  /** The event log no longer holds that position. Reload, and go on from `earliestCursor`. */
  | 'CURSOR_EXPIRED'
  /** The token lacks the scope named in `requiredScope`. Asking again does not help. */
  | 'FORBIDDEN'
  /** A fault of this API. It was logged; ask again later. */
  | 'INTERNAL_SERVER_ERROR'
  /** The provider refused the login: wrong or expired code, token, or key. Start the login again. */
  | 'INVALID_GRANT'
  /** The authorization state is unknown, used, expired, or of another session. Start again. */
  | 'INVALID_STATE'
  /** It does not exist, or is not yours: the two are never told apart. */
  | 'NOT_FOUND'
  /** The operation costs more than is allowed. Ask for less at once. */
  | 'QUERY_TOO_COMPLEX'
  /** Too many requests. Wait `retryAfterSeconds`, then ask again. */
  | 'RATE_LIMITED'
  /** Nobody, or not linked to `provider`. Log in, or link the provider, and ask again. */
  | 'UNAUTHENTICATED'
  /** The provider refused the request. Asking again unchanged does not help. */
  | 'UPSTREAM_REJECTED'
  /** The provider was too slow. Ask again later. */
  | 'UPSTREAM_TIMEOUT'
  /** The provider gave no usable answer. Ask again later. */
  | 'UPSTREAM_UNAVAILABLE';

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


export type ActivityQuery = { activity: { unavailableProviders: Array<Provider>, nodes: Array<
      | { __typename: 'BankTransaction', reference: string, id: string, provider: Provider, direction: MoneyDirection, occurredAt: string, counterparty: { name: string | null } | null, amount: { minorUnits: number, currency: string, decimal: string } }
      | { __typename: 'Transaction', status: TransactionStatus, id: string, provider: Provider, direction: MoneyDirection, occurredAt: string, details:
          | { __typename: 'CardTransactionDetails', merchant: { name: string | null } }
          | { __typename: 'OtherTransactionDetails' }
         | null, amount: { minorUnits: number, currency: string, decimal: string } }
    >, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null };

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
    | { __typename: 'BankTransactionEvent', cursor: string, bankTransaction: { id: string, description: string | null } | null }
    | { __typename: 'TransactionEvent', cursor: string, transaction: { id: string, description: string | null } | null }
   };

export type OverviewQueryVariables = Exact<{
  accounts: number;
}>;


export type OverviewQuery = { viewer: { kind: ViewerKind, linkedProviders: Array<Provider> }, accounts: { nodes: Array<{ id: string, number: string, status: AccountStatus, createdAt: string, metadata: Record<string, unknown>, balance: { available: { minorUnits: number, currency: string, decimal: string } } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null, bankAccounts: { nodes: Array<{ accountNumber: string, balance: { minorUnits: number, currency: string, decimal: string } | null }> } | null };

export type AmountFragment = { minorUnits: number, currency: string, decimal: string };

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
export const AmountFragmentDoc = new TypedDocumentString(`
    fragment Amount on Money {
  minorUnits
  currency
  decimal
}
    `, {"fragmentName":"Amount"}) as unknown as TypedDocumentString<AmountFragment, unknown>;
export const ActivityDocument = new TypedDocumentString(`
    query Activity($first: Int, $after: String) {
  activity(first: $first, after: $after) {
    nodes {
      __typename
      id
      provider
      direction
      occurredAt
      amount {
        ...Amount
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
    unavailableProviders
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment Amount on Money {
  minorUnits
  currency
  decimal
}`) as unknown as TypedDocumentString<ActivityQuery, ActivityQueryVariables>;
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
      cursor
      transaction {
        id
        description
      }
    }
    ... on BankTransactionEvent {
      cursor
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
          ...Amount
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
      accountNumber
      balance {
        ...Amount
      }
    }
  }
}
    fragment Amount on Money {
  minorUnits
  currency
  decimal
}`) as unknown as TypedDocumentString<OverviewQuery, OverviewQueryVariables>;