import type { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import type { TokenResponse, WireAccount, WireCard, WireTransaction } from '../wire.ts';
import * as inputs from './control-inputs.ts';
import { type FaultInput, type Faults, faultInput } from './faults.ts';
import type { PhoneSignIn } from './firebase.ts';
import { parcels } from './forgery.ts';
import { post, settle } from './movements.ts';
import { newAccount, newCard, newPurchase } from './new-rows.ts';
import type { PagingRules } from './paging.ts';
import type { RequestLog } from './request-log.ts';
import { SANDBOX_CARDHOLDERS } from './seed/cardholders.ts';
import type { SandboxState } from './state.ts';
import type { Rotation, Tokens } from './tokens.ts';
import type { Verifications } from './verifications.ts';
import { type Delivery, eventOf, type WebhookSender, type WebhookTarget } from './webhooks.ts';

/** A control call that cannot be done: an unknown id, a wrong code. Malformed input is a ZodError instead. */
export class ControlRefused extends Error {
  override readonly name = 'ControlRefused';
}

/** Steers the simulator: what the device, the issuer, the card network and bad luck do. */
export interface SandboxControl {
  /** The device's phone sign-in: a fake Firebase ID token. Refused with any code but 123456. */
  firebaseToken(input: z.input<typeof inputs.firebaseTokenInput>): Promise<string>;
  /** A token pair without the login. */
  issueTokens(input: z.input<typeof inputs.cardholderInput>): TokenResponse;
  /** A card payment now; sends `transaction.created`. */
  makePurchase(input?: z.input<typeof inputs.purchaseInput>): WireTransaction;
  /** Settles a pending transaction now; sends `transaction.updated`. */
  settle(input: z.input<typeof inputs.transactionInput>): WireTransaction;
  /** The row alone: the balance stays and nothing is sent. */
  deleteTransaction(input: z.input<typeof inputs.transactionInput>): void;
  addAccount(input: z.input<typeof inputs.accountInput>): WireAccount;
  addCard(input: z.input<typeof inputs.cardInput>): WireCard;
  /** The access tokens alone: they can still be refreshed. Tells how many. */
  expireAccessToken(input?: z.input<typeof inputs.anyCardholderInput>): number;
  /** Both tokens, as when the issuer ends a login. Tells how many pairs. */
  revokeTokens(input?: z.input<typeof inputs.anyCardholderInput>): number;
  /** All open verifications. Tells how many. */
  expireVerification(): number;
  setWebhook(target: WebhookTarget | null): void;
  /** The next `count` events are never sent. */
  dropNextWebhook(count: number): void;
  /** Sends once, without retries, in one of WEBHOOK_MODES. One status a request, null where none came back. */
  sendWebhook(
    input: z.input<typeof inputs.sendWebhookInput>,
  ): Promise<{ readonly eventId: string; readonly statuses: readonly (number | null)[] }>;
  /** Resolves when no delivery is on its way or waits for a retry. */
  webhooksIdle(): Promise<void>;
  /** Every attempt so far, oldest first. */
  deliveries(): readonly Delivery[];
  /** For the next matching requests; faults queue up. */
  setFault(fault: FaultInput): void;
  clearFaults(): void;
  /** The members left out stay as they are. */
  setPaging(rules: z.input<typeof inputs.pagingInput>): void;
  setRotation(rotation: Rotation): void;
}

/** The simulator's parts. `paging` is replaced by `setPaging`. */
export interface SandboxParts {
  readonly clock: Clock;
  readonly state: SandboxState;
  readonly tokens: Tokens;
  readonly verifications: Verifications;
  readonly phones: PhoneSignIn;
  readonly webhooks: WebhookSender;
  readonly faults: Faults;
  readonly log: RequestLog;
  paging: PagingRules;
}

export function createControl(parts: SandboxParts): SandboxControl {
  const { clock, state, tokens, verifications, phones, webhooks, faults } = parts;
  return {
    async firebaseToken(input) {
      const { phoneNumber, code } = inputs.firebaseTokenInput.parse(input);
      return known(await phones.idToken(phoneNumber, code), 'the one-time code is wrong');
    },
    issueTokens(input) {
      const { cardholder } = inputs.cardholderInput.parse(input);
      known(state.cardholders.get(cardholder), 'no such cardholder');
      return tokens.issue(cardholder);
    },
    makePurchase(input = {}) {
      const wanted = inputs.purchaseInput.parse(input);
      const owner = wanted.cardholder ?? SANDBOX_CARDHOLDERS.main;
      const accountId = wanted.accountId ?? state.accounts.ownedBy(owner).at(-1)?.resource.id;
      const account = known(state.accounts.get(accountId ?? ''), 'no such account').resource;
      const newest = state.cards
        .ownedBy(account.relationships.cardholder.data?.id ?? '')
        .find((row) => row.resource.relationships.account.data?.id === account.id)?.resource.id;
      const card = wanted.cardId === undefined ? (newest ?? null) : wanted.cardId;
      if (card !== null) known(state.cards.get(card), 'no such card');
      const purchase = newPurchase(account, card, wanted, clock.now());
      post(state, purchase);
      announce('transaction.created', purchase);
      return purchase;
    },
    settle(input) {
      const transaction = find(input);
      if (transaction.attributes.status !== 'pending') throw new ControlRefused('it is not pending');
      const settled = settle(state, transaction, clock.now());
      announce('transaction.updated', settled);
      return settled;
    },
    deleteTransaction(input) {
      state.transactions.delete(find(input).id);
    },
    addAccount(input) {
      const { cardholder, currency, balance } = inputs.accountInput.parse(input);
      const issuer = known(state.issuerOf(cardholder), 'no such cardholder');
      const account = newAccount(cardholder, issuer.attributes.code, currency, clock.now());
      state.addAccount(account, balance);
      return account;
    },
    addCard(input) {
      const { accountId, type } = inputs.cardInput.parse(input);
      known(state.accounts.get(accountId), 'no such account');
      const card = newCard(accountId, type, clock.now());
      state.addCard(card);
      return card;
    },
    expireAccessToken: (input = {}) => tokens.expireAll(inputs.anyCardholderInput.parse(input).cardholder),
    revokeTokens: (input = {}) => tokens.revokeAll(inputs.anyCardholderInput.parse(input).cardholder),
    expireVerification: () => verifications.expireAll(),
    setWebhook(target) {
      webhooks.target = inputs.webhookInput.parse(target) ?? undefined;
    },
    dropNextWebhook: (count) => webhooks.dropNext(inputs.dropInput.parse(count)),
    async sendWebhook(input) {
      const { mode, transactionId, type } = inputs.sendWebhookInput.parse(input);
      const target = known(webhooks.target, 'no webhook is set');
      const newest = state.transactions.ownedBy(SANDBOX_CARDHOLDERS.main)[0]?.resource.id ?? '';
      const event = eventOf(type, find({ transactionId: transactionId ?? newest }), clock.now());
      const eventId = event.data.id;
      const statuses: (number | null)[] = [];
      for (const { authorization, body } of await parcels(mode, {
        event,
        secret: target.secret,
        now: clock.now(),
      })) {
        const attempt = statuses.length + 1;
        statuses.push(await webhooks.attempt({ target, authorization }, body, { eventId, attempt }));
      }
      return { eventId, statuses };
    },
    webhooksIdle: () => webhooks.idle(),
    deliveries: () => webhooks.deliveries,
    setFault: (fault) => faults.add(faultInput.parse(fault)),
    clearFaults: () => faults.clear(),
    setPaging(rules) {
      const { before, next, strictTies } = inputs.pagingInput.parse(rules);
      parts.paging = {
        before: before ?? parts.paging.before,
        next: next ?? parts.paging.next,
        strictTies: strictTies ?? parts.paging.strictTies,
      };
    },
    setRotation(rotation) {
      tokens.rotation = inputs.rotationInput.parse(rotation);
    },
  };

  function find(input: z.input<typeof inputs.transactionInput>): WireTransaction {
    const { transactionId } = inputs.transactionInput.parse(input);
    return known(state.transactions.get(transactionId), 'no such transaction').resource;
  }

  function announce(type: string, transaction: WireTransaction): void {
    webhooks.send(eventOf(type, transaction, clock.now()));
  }
}

function known<T>(value: T | undefined, otherwise: string): T {
  if (value === undefined) throw new ControlRefused(otherwise);
  return value;
}
