import { MINUTE, SECOND } from '../lib/duration.ts';

/** How long things may take, and how often they are done, in milliseconds. */
export interface Waits {
  /** Between two comparisons of Casso's newest transactions with the log. */
  readonly reconcileEvery: number;
  /** How long an event waits for a provider that is down. */
  readonly holdEvent: number;
  /** Between two rounds in which listeners look for card events that were passed over; each looks less often. */
  readonly lookEvery: number;
  /** A peer that answers no ping for this long is cut off. */
  readonly heartbeat: number;
  /** How long a socket may take to say who it is. */
  readonly initWithin: number;
  /** How long a client may take to send its headers, and the whole of its request. */
  readonly headersWithin: number;
  readonly requestWithin: number;
  /** How long a webhook's body may take: providers give up on us after about five seconds. */
  readonly webhookWithin: number;
}

export const WAITS: Waits = {
  reconcileEvery: 5 * MINUTE,
  holdEvent: 30 * SECOND,
  lookEvery: SECOND,
  heartbeat: 12 * SECOND,
  initWithin: 5 * SECOND,
  headersWithin: 10 * SECOND,
  requestWithin: 30 * SECOND,
  webhookWithin: 5 * SECOND,
};
