import type { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import type { WireAccount, WireTransaction } from '../wire.ts';
import type { Business } from './business.ts';
import * as inputs from './control-inputs.ts';
import { type FaultInput, type Faults, faultInput } from './faults.ts';
import type { RateLimit } from './rate-limit.ts';
import { ControlRefused, known } from './refused.ts';
import { listRow } from './rows.ts';
import { newAccount } from './seed/account.ts';
import { sendWebhook } from './send-webhook.ts';
import type { SandboxState } from './state.ts';
import { vietnamDate } from './time.ts';
import type { Tokens } from './tokens.ts';
import { accountOf, newMovement } from './transfers.ts';
import type { Delivery, WebhookSender } from './webhooks.ts';

export type TransferInput = z.input<typeof inputs.transferInput>;

/** Steers the simulator: what banks, people, Casso and bad luck do. `business` is `main` unless told. */
export interface SandboxControl {
  /** Money moves: a new row, and the webhooks are told at once. */
  makeTransfer(input?: TransferInput & { viaSync?: false }): WireTransaction;
  /** Money moves, and Casso does not know before the account's next `POST /sync`: null, as there is no row yet. */
  makeTransfer(input: TransferInput & { viaSync: true }): null;
  /** Refused if the business has one with this number. */
  addAccount(input: z.input<typeof inputs.accountInput>): WireAccount;
  /** The web app's webhook, in the place of the one before; those made through the API stay. */
  setWebhook(input: z.input<typeof inputs.webhookInput>): void;
  /** The next `count` deliveries are never sent. */
  dropNextWebhook(count: number): void;
  /** Sends once, without retries, in one of WEBHOOK_MODES. One delivery a request. */
  sendWebhook(input: z.input<typeof inputs.sendWebhookInput>): Promise<readonly Delivery[]>;
  /** Resolves when no delivery is on its way or waits for a retry. */
  webhooksIdle(): Promise<void>;
  /** Every attempt so far, oldest first. */
  deliveries(): readonly Delivery[];
  /** All access tokens; with `refreshTokens` these too, so that nothing can be refreshed. */
  expireTokens(input?: z.input<typeof inputs.expireInput>): void;
  /** The business deletes its API key. */
  revokeKey(input?: z.input<typeof inputs.businessInput>): void;
  /** For the next matching requests; faults queue up. */
  setFault(fault: FaultInput): void;
  clearFaults(): void;
  /** From now on, for each business; null is off. */
  setRequestsPerMinute(requestsPerMinute: number | null): void;
}

/** The simulator's parts. */
export interface SandboxParts {
  readonly clock: Clock;
  readonly state: SandboxState;
  readonly tokens: Tokens;
  readonly rateLimit: RateLimit;
  readonly webhooks: WebhookSender;
  readonly faults: Faults;
}

export function createControl(parts: SandboxParts): SandboxControl {
  const { clock, state, tokens, rateLimit, webhooks, faults } = parts;
  return {
    makeTransfer,
    addAccount(input) {
      const wanted = inputs.accountInput.parse(input);
      const business = businessCalled(wanted.business);
      const { accountNumber, bankCodeName } = wanted;
      const isSame = (account: WireAccount) =>
        account.accountNumber === accountNumber && account.bankCodeName === bankCodeName;
      if ([...business.accounts.values()].some(isSame)) throw new ControlRefused('there is such an account');
      const seed = { ...wanted, id: state.nextAccountId(), openingBalance: wanted.balance };
      const account = newAccount(seed, vietnamDate(clock.now()));
      business.accounts.set(account.id, account);
      return account;
    },
    setWebhook(input) {
      const { business, ...webhook } = inputs.webhookInput.parse(input);
      businessCalled(business).webAppWebhook = webhook;
    },
    dropNextWebhook: (count) => webhooks.dropNext(inputs.dropInput.parse(count)),
    async sendWebhook(input) {
      const wanted = inputs.sendWebhookInput.parse(input);
      return sendWebhook(businessCalled(wanted.business), wanted, parts);
    },
    webhooksIdle: () => webhooks.idle(),
    deliveries: () => webhooks.deliveries,
    expireTokens: (input = {}) => tokens.expireAll(inputs.expireInput.parse(input).refreshTokens),
    revokeKey(input = {}) {
      businessCalled(inputs.businessInput.parse(input).business).keyRevoked = true;
    },
    setFault: (fault) => faults.add(faultInput.parse(fault)),
    clearFaults: () => faults.clear(),
    setRequestsPerMinute(requestsPerMinute) {
      rateLimit.requestsPerMinute = inputs.rateInput.parse(requestsPerMinute);
    },
  };

  function makeTransfer(input?: TransferInput & { viaSync?: false }): WireTransaction;
  function makeTransfer(input: TransferInput & { viaSync: true }): null;
  function makeTransfer(input: TransferInput = {}): WireTransaction | null {
    const wanted = inputs.transferInput.parse(input);
    const business = businessCalled(wanted.business);
    const account = accountOf(business, wanted.accountNumber);
    const movement = newMovement(wanted, state, clock.now());
    if (wanted.viaSync) {
      business.hold(account.id, movement);
      return null;
    }
    const stored = state.record(business, account.id, movement);
    webhooks.announce(business, [stored]);
    return listRow(stored);
  }

  function businessCalled(name: string): Business {
    return known(state.businesses.get(name), 'no such business');
  }
}
