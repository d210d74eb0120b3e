/* eslint-disable */
import * as types from './graphql.ts';



/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "query Activity($first: Int, $after: String) {\n  activity(first: $first, after: $after) {\n    nodes {\n      __typename\n      id\n      provider\n      direction\n      occurredAt\n      amount {\n        ...Amount\n      }\n      ... on Transaction {\n        status\n        details {\n          __typename\n          ... on CardTransactionDetails {\n            merchant {\n              name\n            }\n          }\n        }\n      }\n      ... on BankTransaction {\n        reference\n        counterparty {\n          name\n        }\n      }\n    }\n    unavailableProviders\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": typeof types.ActivityDocument,
    "mutation BeginLogIn($input: CreateCardholderVerificationInput!) {\n  createCardholderVerification(input: $input) {\n    __typename\n    ... on CreateCardholderVerificationPayload {\n      verification {\n        id\n        validUntil\n      }\n    }\n    ... on BadUserInputError {\n      code\n      field\n    }\n    ... on Error {\n      message\n    }\n  }\n}\n\nmutation FinishLogIn($input: AuthenticateCardholderInput!) {\n  authenticateCardholder(input: $input) {\n    __typename\n    ... on AuthenticateCardholderPayload {\n      session {\n        token\n        linkedProviders\n      }\n    }\n    ... on Error {\n      code\n      message\n    }\n  }\n}": typeof types.BeginLogInDocument,
    "subscription News($after: String) {\n  activityEvents(after: $after) {\n    __typename\n    ... on TransactionEvent {\n      cursor\n      transaction {\n        id\n        description\n      }\n    }\n    ... on BankTransactionEvent {\n      cursor\n      bankTransaction {\n        id\n        description\n      }\n    }\n  }\n}": typeof types.NewsDocument,
    "query Overview($accounts: Int!) {\n  viewer {\n    kind\n    linkedProviders\n  }\n  accounts(first: $accounts) {\n    nodes {\n      id\n      number\n      status\n      createdAt\n      metadata\n      balance {\n        available {\n          ...Amount\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n  bankAccounts {\n    nodes {\n      accountNumber\n      balance {\n        ...Amount\n      }\n    }\n  }\n}\n\nfragment Amount on Money {\n  minorUnits\n  currency\n  decimal\n}": typeof types.OverviewDocument,
};
const documents: Documents = {
    "query Activity($first: Int, $after: String) {\n  activity(first: $first, after: $after) {\n    nodes {\n      __typename\n      id\n      provider\n      direction\n      occurredAt\n      amount {\n        ...Amount\n      }\n      ... on Transaction {\n        status\n        details {\n          __typename\n          ... on CardTransactionDetails {\n            merchant {\n              name\n            }\n          }\n        }\n      }\n      ... on BankTransaction {\n        reference\n        counterparty {\n          name\n        }\n      }\n    }\n    unavailableProviders\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}": types.ActivityDocument,
    "mutation BeginLogIn($input: CreateCardholderVerificationInput!) {\n  createCardholderVerification(input: $input) {\n    __typename\n    ... on CreateCardholderVerificationPayload {\n      verification {\n        id\n        validUntil\n      }\n    }\n    ... on BadUserInputError {\n      code\n      field\n    }\n    ... on Error {\n      message\n    }\n  }\n}\n\nmutation FinishLogIn($input: AuthenticateCardholderInput!) {\n  authenticateCardholder(input: $input) {\n    __typename\n    ... on AuthenticateCardholderPayload {\n      session {\n        token\n        linkedProviders\n      }\n    }\n    ... on Error {\n      code\n      message\n    }\n  }\n}": types.BeginLogInDocument,
    "subscription News($after: String) {\n  activityEvents(after: $after) {\n    __typename\n    ... on TransactionEvent {\n      cursor\n      transaction {\n        id\n        description\n      }\n    }\n    ... on BankTransactionEvent {\n      cursor\n      bankTransaction {\n        id\n        description\n      }\n    }\n  }\n}": types.NewsDocument,
    "query Overview($accounts: Int!) {\n  viewer {\n    kind\n    linkedProviders\n  }\n  accounts(first: $accounts) {\n    nodes {\n      id\n      number\n      status\n      createdAt\n      metadata\n      balance {\n        available {\n          ...Amount\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n  bankAccounts {\n    nodes {\n      accountNumber\n      balance {\n        ...Amount\n      }\n    }\n  }\n}\n\nfragment Amount on Money {\n  minorUnits\n  currency\n  decimal\n}": types.OverviewDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Activity($first: Int, $after: String) {\n  activity(first: $first, after: $after) {\n    nodes {\n      __typename\n      id\n      provider\n      direction\n      occurredAt\n      amount {\n        ...Amount\n      }\n      ... on Transaction {\n        status\n        details {\n          __typename\n          ... on CardTransactionDetails {\n            merchant {\n              name\n            }\n          }\n        }\n      }\n      ... on BankTransaction {\n        reference\n        counterparty {\n          name\n        }\n      }\n    }\n    unavailableProviders\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"): typeof import('./graphql.ts').ActivityDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "mutation BeginLogIn($input: CreateCardholderVerificationInput!) {\n  createCardholderVerification(input: $input) {\n    __typename\n    ... on CreateCardholderVerificationPayload {\n      verification {\n        id\n        validUntil\n      }\n    }\n    ... on BadUserInputError {\n      code\n      field\n    }\n    ... on Error {\n      message\n    }\n  }\n}\n\nmutation FinishLogIn($input: AuthenticateCardholderInput!) {\n  authenticateCardholder(input: $input) {\n    __typename\n    ... on AuthenticateCardholderPayload {\n      session {\n        token\n        linkedProviders\n      }\n    }\n    ... on Error {\n      code\n      message\n    }\n  }\n}"): typeof import('./graphql.ts').BeginLogInDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "subscription News($after: String) {\n  activityEvents(after: $after) {\n    __typename\n    ... on TransactionEvent {\n      cursor\n      transaction {\n        id\n        description\n      }\n    }\n    ... on BankTransactionEvent {\n      cursor\n      bankTransaction {\n        id\n        description\n      }\n    }\n  }\n}"): typeof import('./graphql.ts').NewsDocument;
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "query Overview($accounts: Int!) {\n  viewer {\n    kind\n    linkedProviders\n  }\n  accounts(first: $accounts) {\n    nodes {\n      id\n      number\n      status\n      createdAt\n      metadata\n      balance {\n        available {\n          ...Amount\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n  bankAccounts {\n    nodes {\n      accountNumber\n      balance {\n        ...Amount\n      }\n    }\n  }\n}\n\nfragment Amount on Money {\n  minorUnits\n  currency\n  decimal\n}"): typeof import('./graphql.ts').OverviewDocument;


export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}
