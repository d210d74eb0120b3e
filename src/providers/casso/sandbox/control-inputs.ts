import { z } from 'zod';
import { BANKS } from './banks.ts';
import { WEBHOOK_MODES } from './forgery.ts';
import { type BusinessName, SANDBOX_BUSINESSES } from './seed/businesses.ts';

/** The inputs of the control calls, checked for callers over HTTP too. */

const business = z.enum(Object.keys(SANDBOX_BUSINESSES) as [BusinessName, ...BusinessName[]]).default('main');
const version = z.enum(['v1', 'v2']);

export const businessInput = z.strictObject({ business });

/**
 * On the account with `accountNumber`, else on the first of the business, which is `main` unless told. `amount` is in
 * VND, less than 0 for money out. `when` is Vietnam's clock, now unless told; a date alone is what many banks give.
 * With `viaSync` the bank keeps it until the next sync of the account.
 */
export const transferInput = z.strictObject({
  business,
  accountNumber: z.string().optional(),
  amount: z.int().default(250_000),
  description: z.string().default('Nguyễn Văn An thanh toán đơn hàng 42/A'),
  /** The bank's number for it; a fresh one unless told. */
  reference: z.string().optional(),
  when: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/u)
    .optional(),
  /** Members left out are absent, as everything is without it. */
  counterparty: z
    .strictObject({
      name: z.string().default(''),
      accountNumber: z.string().default(''),
      bankId: z.string().default(''),
      bankName: z.string().default(''),
    })
    .prefault({}),
  virtualAccount: z
    .strictObject({ number: z.string().default(''), name: z.string().default('') })
    .prefault({}),
  viaSync: z.boolean().default(false),
});

/** `balance` is in VND; null where the bank gives none. */
export const accountInput = z.strictObject({
  business,
  accountNumber: z.string().min(1),
  accountName: z.string().default('TAI KHOAN MOI'),
  bankCodeName: z.enum([...BANKS.keys()] as [string, ...string[]]).default('mbbank'),
  balance: z.int().nullable().default(0),
});

/** The business's webhook of the web app. `secret` is V1's secure token, which goes in a header, or V2's checksum key. */
export const webhookInput = z.strictObject({
  business,
  url: z.url({ protocol: /^https?$/u }),
  version,
  secret: z.string().regex(/^[!-~]+$/u),
  incomeOnly: z.boolean().default(false),
});

/** To the business's first webhook, with its secret; in its own version unless told. */
export const sendWebhookInput = z.strictObject({
  business,
  mode: z.enum(WEBHOOK_MODES),
  version: version.optional(),
});

export const expireInput = z.strictObject({ refreshTokens: z.boolean().default(false) });

export const dropInput = z.int().min(0);

export const rateInput = z.int().min(1).nullable();
