import { badUserInput } from '../../domain/errors.ts';
import { encodeEventCursor } from '../../events/cursor.ts';
import { builder } from '../builder.ts';
import {
  BadUserInputError,
  ForbiddenError,
  mutationResult,
  RateLimitedError,
  UnauthenticatedError,
  UpstreamError,
} from '../errors.ts';
import { calls, price } from '../price.ts';
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
  description: 'What to look at.',
  fields: (t) => ({
    bankAccountNumber: t.string({
      extensions: longest(64),
      required: true,
      description:
        "The bank's number: `BankAccount.accountNumber`. Casso takes the number alone: where two of your banks gave the same " +
        'one, both accounts are meant, and rest together.',
    }),
  }),
});

const sync = mutationResult({
  name: 'SyncBankTransactionsResult',
  description: 'What was started, or why nothing was.',
  payload: SyncBankTransactionsPayload,
  errors: [BadUserInputError, UnauthenticatedError, ForbiddenError, RateLimitedError, UpstreamError],
});

/** Digits at most banks, letters at some; never a blank. */
const ACCOUNT_NUMBER = /^[0-9A-Za-z]{1,34}$/;

builder.mutationField('syncBankTransactions', (t) =>
  t.field({
    extensions: price({ calls: calls(1) }),
    type: sync.union,
    description:
      'Asks Casso to look at the bank now instead of later. What it finds arrives as events. At most once a minute per ' +
      'account. Needs a session that has linked Casso, or an operator with `casso:sync`.',
    skipTypeScopes: true,
    authScopes: { anyone: true },
    args: {
      input: t.arg({ type: SyncBankTransactionsInput, required: true, description: 'What to look at.' }),
    },
    resolve: (_root, { input: { bankAccountNumber } }, { access, loaders, services: { log } }) =>
      sync.settle(
        (async () => {
          access.casso('casso:sync');
          if (!ACCOUNT_NUMBER.test(bankAccountNumber)) {
            throw badUserInput(
              'input.bankAccountNumber',
              'input.bankAccountNumber is not an account number.',
            );
          }
          const eventCursor = encodeEventCursor(log, await log.end());
          await loaders.casso().sync(bankAccountNumber);
          return { bankAccountNumber, eventCursor };
        })(),
      ),
  }),
);
