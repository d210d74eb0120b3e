/** What every socket subscribes to: by account, or without a filter. */
export const SUBSCRIPTION = `subscription News($filter: BankTransactionEventFilter) {
  bankTransactionEvents(filter: $filter) {
    cursor type
    bankTransaction {
      providerId description direction occurredAt
      amount { minorUnits currency }
      counterparty { name accountNumber }
    }
  }
}`;

/** An event as the schema's resolvers give it, for the contestants that are not ours. */
export const eventOf = (row) => ({
  cursor: `eyJlIjoiMDEyMzQ1Njc4OSIsInAiO${String(row.id).padStart(12, '0')}`,
  type: 'bank_transaction.created',
  bankTransaction: {
    providerId: String(row.id),
    description: row.description,
    direction: row.amount < 0 ? 'DEBIT' : 'CREDIT',
    occurredAt: new Date(`${row.when.replace(' ', 'T')}+07:00`),
    amount: { minorUnits: Math.abs(row.amount), currency: 'VND' },
    counterparty: { name: row.corresponsiveName, accountNumber: row.corresponsiveAccount },
  },
});
