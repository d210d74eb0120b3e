import { test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { startGateway } from '../support/gateway.ts';
import { linkCasso } from '../support/cardholder.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
test('x', async () => {
  const gateway = await startGateway({ logger: createLogger('warn') });
  const token = await linkCasso(gateway, SANDBOX_BUSINESSES.sample.apiKey);
  console.log(JSON.stringify(await gateway.ask(`mutation ($input: SyncBankTransactionsInput!) {
      syncBankTransactions(input: $input) {
        __typename
        ... on SyncBankTransactionsPayload { bankAccountNumber }
      } }`, { input: { bankAccountNumber: '0123456789' } }, token)));
  await gateway.stop();
});
