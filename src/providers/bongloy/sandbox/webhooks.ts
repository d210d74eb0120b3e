import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import type { Clock } from '../../../lib/clock.ts';
import { MINUTE, SECOND } from '../../../lib/duration.ts';
import type { SingleDocument, WireEvent, WireTransaction } from '../wire.ts';
import { post } from './post.ts';
import { timestamp } from './time.ts';

const ATTEMPTS = 9;
/** From 4 s to about 28 h in eight waits, about 37 h in all (§7). */
const WAIT_GROWTH = 4.25;
/** The token's life, in seconds. */
export const TOKEN_LIFE = (5 * MINUTE) / SECOND;

export interface WebhookTarget {
  readonly url: string;
  /** Used as raw UTF-8 bytes. */
  readonly secret: string;
}

/** One attempt; `status` is null when there was no answer. */
export interface Delivery {
  readonly eventId: string;
  /** From 1. */
  readonly attempt: number;
  readonly status: number | null;
}

/**
 * Sends events as §7 tells of the same authors' sender: a fresh token with `iss` and `exp` alone for each attempt,
 * the same event id, nine attempts, any 2xx is success. Each attempt goes to the target of its time.
 */
export class WebhookSender {
  /** Without one, new events are not sent and attempts fail. */
  target: WebhookTarget | undefined;
  readonly #clock: Clock;
  readonly #baseWait: number;
  readonly #stop = new AbortController();
  readonly #pending = new Set<Promise<void>>();
  readonly #deliveries: Delivery[] = [];
  #toDrop = 0;

  /** `baseWait` is the wait before the second attempt, in milliseconds; the later ones grow from it. */
  constructor(clock: Clock, baseWait: number) {
    this.#clock = clock;
    this.#baseWait = baseWait;
    // Deliveries share it, and each takes its listener back: more than ten at once is no leak.
    setMaxListeners(0, this.#stop.signal);
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** The next `count` events are lost: no attempt is made. */
  dropNext(count: number): void {
    this.#toDrop += count;
  }

  /** Delivers in the background. */
  send(event: SingleDocument<WireEvent>): void {
    if (!this.target || this.#stop.signal.aborted) return;
    if (this.#toDrop > 0) {
      this.#toDrop -= 1;
      return;
    }
    const delivering = this.#deliver(event).finally(() => this.#pending.delete(delivering));
    this.#pending.add(delivering);
  }

  /** One POST of `body`, recorded; the receiver's status, null when there was no answer. */
  async attempt(
    { target, authorization }: { readonly target: WebhookTarget; readonly authorization: string },
    body: string,
    { eventId, attempt }: Omit<Delivery, 'status'>,
  ): Promise<number | null> {
    const headers = { authorization, 'content-type': 'application/json', 'user-agent': 'Bongloy/1.0' };
    const status = await post(target.url, headers, body, this.#stop.signal);
    this.#deliveries.push({ eventId, attempt, status });
    return status;
  }

  /** Resolves when nothing is being sent or waits to be sent again. */
  async idle(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Gives everything up, at once. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.idle();
  }

  async #deliver(event: SingleDocument<WireEvent>): Promise<void> {
    const body = JSON.stringify(event);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      if (attempt > 1 && !(await this.#wait(this.#baseWait * WAIT_GROWTH ** (attempt - 2)))) return;
      const { target } = this;
      if (!target) continue;
      const authorization = await signed(target.secret, this.#clock.now());
      const status = await this.attempt({ target, authorization }, body, { eventId: event.data.id, attempt });
      if (status !== null && status >= 200 && status < 300) return;
    }
  }

  /** False if the sender was stopped meanwhile. */
  async #wait(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: this.#stop.signal }).catch(() => false);
  }
}

/** The `Authorization` header as the provider signs it: claims `iss` and `exp` alone. `now` is ms since the epoch. */
export async function signed(secret: string, now: number): Promise<string> {
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer('Bongloy')
    .setExpirationTime(Math.floor(now / SECOND) + TOKEN_LIFE)
    .sign(new TextEncoder().encode(secret));
  return `Bearer ${token}`;
}

/** The document of a new event: a snapshot of the transaction, and an id of its own. `now` is ms since the epoch. */
export function eventOf(type: string, transaction: WireTransaction, now: number): SingleDocument<WireEvent> {
  const time = timestamp(now);
  const attributes = { created_at: time, updated_at: time, type, details: { data: transaction } };
  return { data: { id: randomUUID(), type: 'event', attributes, relationships: undefined } };
}
