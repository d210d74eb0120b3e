import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../lib/clock.ts';
import { MINUTE } from '../../../lib/duration.ts';
import type { WireVerification } from '../wire.ts';
import type { SandboxState } from './state.ts';
import { timestamp } from './time.ts';

const LIFETIME = 2 * MINUTE;

interface Verification {
  readonly phoneNumber: string;
  readonly cardholder: string;
  /** Milliseconds since the epoch. */
  validUntil: number;
}

/** Cardholder verifications (§6.1): each opens one login, within two minutes. */
export class Verifications {
  readonly #clock: Clock;
  readonly #state: SandboxState;
  readonly #open = new Map<string, Verification>();

  constructor(clock: Clock, state: SandboxState) {
    this.#clock = clock;
    this.#state = state;
  }

  /** Undefined unless the phone and the account belong to the same cardholder. */
  create(phoneNumber: string, accountIdentifier: string): WireVerification | undefined {
    const cardholder = this.#cardholderOf(phoneNumber, accountIdentifier);
    if (cardholder === undefined) return undefined;
    const now = this.#clock.now();
    const id = randomUUID();
    const validUntil = now + LIFETIME;
    this.#open.set(id, { phoneNumber, cardholder, validUntil });
    const attributes = {
      created_at: timestamp(now),
      updated_at: timestamp(now),
      phone_number: phoneNumber,
      status: 'pending',
      valid_until: new Date(validUntil).toISOString(),
    };
    return { id, type: 'cardholder_verification', attributes, relationships: undefined };
  }

  /** Uses it up. The cardholder's id, or undefined if it is unknown, used, too old or for another phone. */
  redeem(id: string, phoneNumber: string): string | undefined {
    const verification = this.#open.get(id);
    if (!verification || verification.phoneNumber !== phoneNumber) return undefined;
    this.#open.delete(id);
    return verification.validUntil > this.#clock.now() ? verification.cardholder : undefined;
  }

  /** Ends all open ones before their time; tells how many. */
  expireAll(): number {
    for (const verification of this.#open.values()) verification.validUntil = this.#clock.now();
    return this.#open.size;
  }

  #cardholderOf(phoneNumber: string, accountIdentifier: string): string | undefined {
    for (const { id, attributes } of this.#state.cardholders.values()) {
      if (attributes.phone_number !== phoneNumber) continue;
      const accounts = this.#state.accounts.ownedBy(id);
      if (accounts.some((row) => row.resource.attributes.account_identifier === accountIdentifier)) return id;
    }
    return undefined;
  }
}
