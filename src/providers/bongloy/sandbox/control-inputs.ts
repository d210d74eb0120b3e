import { z } from 'zod';
import { WEBHOOK_MODES } from './forgery.ts';

/** The inputs of the control calls, checked for callers over HTTP too. Ids are the simulator's own. */

/** E.164 digits without `+`. */
export const firebaseTokenInput = z.strictObject({
  phoneNumber: z.string().regex(/^\d+$/u),
  code: z.string(),
});

export const cardholderInput = z.strictObject({ cardholder: z.string() });

/** Everybody's, without a cardholder. */
export const anyCardholderInput = z.strictObject({ cardholder: z.string().optional() });

export const transactionInput = z.strictObject({ transactionId: z.string() });

/**
 * On `accountId`, else on the first account of `cardholder`, else of the main demo cardholder. With `cardId`, else the
 * account's newest card, else none (`null` asks for none). `amount` is in the smallest unit of the account's
 * currency, 1000 unless told; `transactionAmount`, the same number unless told, in that of `currency`, the merchant's.
 */
export const purchaseInput = z.strictObject({
  accountId: z.string().optional(),
  cardholder: z.string().optional(),
  cardId: z.string().nullable().optional(),
  amount: z.int().min(0).default(1_000),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/u)
    .optional(),
  transactionAmount: z.int().min(0).optional(),
  merchant: z.string().min(1).default('Riverside Coffee'),
  status: z.enum(['pending', 'settled']).default('pending'),
});

/** `balance` is in the currency's smallest unit. */
export const accountInput = z.strictObject({
  cardholder: z.string(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/u)
    .default('USD'),
  balance: z.int().default(0),
});

export const cardInput = z.strictObject({
  accountId: z.string(),
  type: z.enum(['physical', 'virtual']).default('physical'),
});

/** Null turns webhooks off. */
export const webhookInput = z
  .strictObject({ url: z.url({ protocol: /^https?$/u }), secret: z.string().min(1) })
  .nullable();

export const dropInput = z.int().min(0);

/** About `transactionId`, else the newest transaction of the main demo cardholder. */
export const sendWebhookInput = z.strictObject({
  mode: z.enum(WEBHOOK_MODES),
  transactionId: z.string().optional(),
  type: z.string().default('transaction.created'),
});

export const pagingInput = z.strictObject({
  before: z.enum(['nearest', 'newest']).optional(),
  next: z.enum(['exact', 'full']).optional(),
  strictTies: z.boolean().optional(),
});

export const rotationInput = z.enum(['grace', 'strict']);
