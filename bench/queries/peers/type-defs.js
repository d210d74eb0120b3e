/** The part of Mekong's schema that the operations ask for, for contestants that are written from SDL. */
export const typeDefs = /* GraphQL */ `
  scalar DateTime
  scalar SafeInt
  scalar CurrencyCode
  scalar PhoneNumber

  type Query {
    cardIssuer: CardIssuer
    cardholder: Cardholder
    transactions(first: Int, after: String): TransactionConnection
    accounts(first: Int): AccountConnection
  }

  type CardIssuer {
    providerId: ID!
    identifier: String!
    name: String!
    code: String!
  }

  enum CardholderStatus {
    ACTIVE
    OTHER
  }

  type Cardholder {
    providerId: ID!
    name: String!
    phoneNumber: PhoneNumber
    status: CardholderStatus!
  }

  type Money {
    minorUnits: SafeInt!
    currency: CurrencyCode!
  }

  enum TransactionStatus {
    PENDING
    SETTLED
    OTHER
  }

  type Transaction {
    providerId: ID!
    transactionNumber: String!
    status: TransactionStatus!
    transactionTime: DateTime!
    description: String
    amount: Money!
    card: Card
    account: Account
  }

  enum CardStatus {
    ACTIVE
    OTHER
  }

  type Card {
    providerId: ID!
    lastFour: String!
    expMonth: Int!
    expYear: Int!
    status: CardStatus!
  }

  type AccountBalance {
    available: Money!
    balance: Money!
  }

  type Account {
    providerId: ID!
    number: String!
    currency: CurrencyCode!
    balance: AccountBalance
    cards(first: Int): CardConnection
  }

  type PageInfo {
    hasNextPage: Boolean!
    endCursor: String
  }

  type TransactionConnection {
    nodes: [Transaction!]
    pageInfo: PageInfo!
  }

  type AccountConnection {
    nodes: [Account!]
    pageInfo: PageInfo!
  }

  type CardConnection {
    nodes: [Card!]
    pageInfo: PageInfo!
  }
`;
