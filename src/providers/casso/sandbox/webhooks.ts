import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../../lib/clock.ts';
import type { Business, StoredTransaction } from './business.ts';
import { parseJson } from './message.ts';
import { type Parcel, parcels } from './parcels.ts';
import { type PostAnswer, post } from './post.ts';

const RETRIES = 17;
/** From 30 s to five and a half hours, sixteen hours in all: "17 within 24 h, Fibonacci-like" is all that is told (§5.1). */
const WAIT_GROWTH = 1.5;

/** One attempt. */
export interface Delivery {
  readonly url: string;
  readonly version: Parcel['version'];
  /** One for each row in the body. */
  readonly transactionIds: readonly number[];
  /** From 1. */
  readonly attempt: number;
  /** Null when there was no answer. */
  readonly status: number | null;
  /** Casso takes it as delivered. */
  readonly accepted: boolean;
}

export interface WebhookSenderOptions {
  readonly clock: Clock;
  /** The wait before the second attempt, in milliseconds; the later ones grow from it. */
  readonly baseWait: number;
  /** The integration's option "strict": the answer must be JSON with `success: true` (§5.1). */
  readonly strict: boolean;
}

/** Sends deliveries and repeats them, the same bytes each time, until one is accepted (§5.1). */
export class WebhookSender {
  readonly #options: WebhookSenderOptions;
  readonly #stop = new AbortController();
  readonly #pending = new Set<Promise<void>>();
  readonly #deliveries: Delivery[] = [];
  #toDrop = 0;

  constructor(options: WebhookSenderOptions) {
    this.#options = options;
    // Deliveries share it, and each takes its listener back: more than ten at once is no leak.
    setMaxListeners(0, this.#stop.signal);
  }

  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** The next `count` deliveries are lost: no attempt is made. */
  dropNext(count: number): void {
    this.#toDrop += count;
  }

  /** Tells every webhook of the business, in the background. */
  announce(business: Business, rows: readonly StoredTransaction[]): void {
    for (const { url, version, secret, incomeOnly } of business.allWebhooks()) {
      const wanted = rows.filter(({ row }) => !incomeOnly || row.amount > 0);
      for (const parcel of parcels(version, wanted, secret, this.#options.clock.now()))
        this.#send(url, parcel);
    }
  }

  /** One POST, recorded. */
  async attempt(url: string, parcel: Parcel, attempt: number): Promise<Delivery> {
    const answer = await post(url, parcel.headers, parcel.body, this.#stop.signal);
    const { version, transactionIds } = parcel;
    const delivery = {
      url,
      version,
      transactionIds,
      attempt,
      status: answer?.status ?? null,
      accepted: this.#isAccepted(answer),
    };
    this.#deliveries.push(delivery);
    return delivery;
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

  #send(url: string, parcel: Parcel): void {
    if (this.#stop.signal.aborted) return;
    if (this.#toDrop > 0) {
      this.#toDrop -= 1;
      return;
    }
    const delivering = this.#deliver(url, parcel).finally(() => this.#pending.delete(delivering));
    this.#pending.add(delivering);
  }

  async #deliver(url: string, parcel: Parcel): Promise<void> {
    for (let attempt = 1; attempt <= 1 + RETRIES; attempt += 1) {
      if (attempt > 1 && !(await this.#wait(this.#options.baseWait * WAIT_GROWTH ** (attempt - 2)))) return;
      const { accepted } = await this.attempt(url, parcel, attempt);
      if (accepted) return;
    }
  }

  /** False if the sender was stopped meanwhile. */
  async #wait(ms: number): Promise<boolean> {
    return sleep(ms, true, { signal: this.#stop.signal }).catch(() => false);
  }

  #isAccepted(answer: PostAnswer | null): boolean {
    if (answer?.status !== 200) return false;
    const body = parseJson(answer.body);
    const succeeded = typeof body === 'object' && body !== null && 'success' in body && body.success === true;
    return succeeded || !this.#options.strict;
  }
}
