import { setTimeout as sleep } from 'node:timers/promises';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { accountNumberKey } from '../domain/bank-identity.ts';
import { type ErrorCode, GatewayError, rateLimited } from '../domain/errors.ts';
import { Abort } from '../lib/abort.ts';
import { MINUTE, SECOND } from '../lib/duration.ts';
import type { CassoClient, WebhookSettings } from '../providers/casso/client.ts';
import type { ProviderCall } from '../providers/provider.ts';

/*
 * What a person asks Casso to do, each time anew: nothing of it is held.
 */

/** How long one account rests between two syncs (docs/providers/casso.md §9: Casso publishes no figure). */
const SYNC_PAUSE = MINUTE;

/** A change that was refused is owed the next turn; only a Casso that refuses by itself needs more than one. */
const MOST_REFUSALS = 3;

/** After these Casso surely did not look at the bank; after any other failure it may have. */
const NOT_LOOKED_AT: ReadonlySet<ErrorCode> = new Set([
  'UNAUTHENTICATED',
  'RATE_LIMITED',
  'UPSTREAM_REJECTED',
]);

/** Syncs per credential and account; counted by this process. */
export type SyncPauses = RateLimiterMemory;
export const createSyncPauses = (): SyncPauses =>
  new RateLimiterMemory({ points: 1, duration: SYNC_PAUSE / SECOND });

/** What the changes work with. */
export interface ChangeSources {
  readonly client: CassoClient;
  readonly syncPauses: SyncPauses;
}

/**
 * Asks Casso to look at the bank: exactly one request. It takes the number alone, so accounts that share one are
 * looked at together, and rest together.
 * @throws GatewayError RATE_LIMITED when the account was looked at less than a minute ago.
 */
export async function syncAccount(
  { client, syncPauses }: ChangeSources,
  call: ProviderCall,
  bankAccountNumber: string,
): Promise<void> {
  const key = `${call.credential.id} ${accountNumberKey(bankAccountNumber)}`;
  try {
    await syncPauses.consume(key);
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    throw rateLimited(error.msBeforeNext, 'CASSO', 'This account was synced within the last minute');
  }
  try {
    await client.sync(call, bankAccountNumber);
  } catch (error) {
    if (error instanceof GatewayError && NOT_LOOKED_AT.has(error.code)) await syncPauses.delete(key);
    throw error;
  }
}

/** How a webhook was registered. */
export interface RegisteredWebhook {
  readonly url: string;
  readonly incomeOnly: boolean;
}

/** Idempotent: whatever was registered for the URL goes first. */
export async function replaceWebhook(
  { client }: ChangeSources,
  whose: ProviderCall,
  settings: WebhookSettings,
): Promise<RegisteredWebhook> {
  // Not for as long as the client waits: left in the middle, the shop would have no webhook at all.
  const call = { ...whose, signal: new Abort() };
  await client.deleteWebhooks(call, settings.url);
  return untilAllowed(() => client.createWebhook(call, settings));
}

/** Sends as soon as Casso's allowance has room, for what must not be left in the middle; a few minutes at most. */
async function untilAllowed<T>(send: () => Promise<T>): Promise<T> {
  for (let refusals = 0; ; refusals += 1) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof GatewayError && error.code === 'RATE_LIMITED') || refusals === MOST_REFUSALS)
        throw error;
      await sleep((error.details.retryAfterSeconds ?? 1) * SECOND);
    }
  }
}
