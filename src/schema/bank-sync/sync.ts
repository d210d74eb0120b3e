import { badUserInput } from '../../domain/errors.ts';
import { decodeOptionalIdOf } from '../../domain/global-id.ts';
import { encodeEventCursor } from '../../events/cursor.ts';
import type { Loaders } from '../../loaders/index.ts';
import { builder } from '../builder.ts';
import {
  BadUserInputError,
  ForbiddenError,
  mutationResult,
  RateLimitedError,
  UnauthenticatedError,
  UpstreamError,
} from '../errors.ts';
import { price } from '../price.ts';
import { longest } from '../text-lengths.ts';

const SyncBankTransactionsPayload = builder
  .objectRef<{ readonly bankAccountNumber: string; readonly eventCursor: string }>(
    'SyncBankTransactionsPayload',
  )
  .implement({
    description:
      'Casso accepted to look at the bank now. That says nothing about whether there is something new.',
    fields: (t) => ({
      bankAccountNumber: t.exposeString('bankAccountNumber', {
        description: 'The number of the account that is looked at.',
      }),
      eventCursor: t.exposeString('eventCursor', {
        description:
          'Taken before the request left: `bankTransactionEvents(after:)` with it sees every transaction that this ' +
          'finds, however fast its webhook arrives.',
      }),
    }),
  });

const SyncBankTransactionsInput = builder.inputType('SyncBankTransactionsInput', {
  description: 'What to look at: either `bankAccountId` or `bankAccountNumber`.',
  fields: (t) => ({
    bankAccountId: t.id({ description: 'One of your bank accounts: `BankAccount.id`.' }),
    bankAccountNumber: t.string({
      extensions: longest(64),
      description:
        "The bank's number: `BankAccount.accountNumber`. Casso is asked by the number alone, so where two of your banks " +
        'gave the same one, both accounts are meant; `bankAccountId` of either does the same.',
    }),
  }),
});

const sync = mutationResult({
  name: 'SyncBankTransactionsResult',
  description: 'What was started, or why nothing was.',
  payload: SyncBankTransactionsPayload,
  errors: [BadUserInputError, UnauthenticatedError, ForbiddenError, RateLimitedError, UpstreamError],
});

/** Requests to see whose an account is that was linked a moment ago. */
const FIND_ACCOUNT = 3;

/** Digits at most banks, letters at some; never a blank. */
const ACCOUNT_NUMBER = /^[0-9A-Za-z]{1,34}$/;

builder.mutationField('syncBankTransactions', (t) =>
  t.field({
    extensions: price({ calls: ({ input }) => (input?.bankAccountId ? 1 + FIND_ACCOUNT : 1) }),
    type: sync.union,
    description:
      'Asks Casso to look at the bank now instead of later. What it finds arrives as events. At most once a minute per ' +
      'account. Needs a session that has linked Casso, or an operator with `casso:sync`.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: {
      input: t.arg({ type: SyncBankTransactionsInput, required: true, description: 'What to look at.' }),
    },
    resolve: (_root, { input }, { access, loaders, services: { log } }) =>
      sync.settle(
        (async () => {
          access.casso('casso:sync');
          const bankAccountNumber = await numberOf(input, loaders);
          const eventCursor = encodeEventCursor(log, await log.end());
          await loaders.casso().sync(bankAccountNumber);
          return { bankAccountNumber, eventCursor };
        })(),
      ),
  }),
);

/** @throws GatewayError BAD_USER_INPUT naming the field: none or both are given, or there is no such account. */
async function numberOf(
  { bankAccountId, bankAccountNumber }: typeof SyncBankTransactionsInput.$inferInput,
  loaders: Loaders,
): Promise<string> {
  const id = decodeOptionalIdOf('BankAccount', bankAccountId, 'input.bankAccountId');
  if ((id === undefined) === (typeof bankAccountNumber !== 'string')) {
    throw badUserInput('input', 'input takes either bankAccountId or bankAccountNumber.');
  }
  if (id !== undefined) {
    const account = await loaders.casso().ownAccount(id);
    if (!account)
      throw badUserInput('input.bankAccountId', 'input.bankAccountId names none of your bank accounts.');
    return account.accountNumber;
  }
  if (typeof bankAccountNumber === 'string' && ACCOUNT_NUMBER.test(bankAccountNumber))
    return bankAccountNumber;
  throw badUserInput('input.bankAccountNumber', 'input.bankAccountNumber is not an account number.');
}
