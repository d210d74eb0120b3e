import { setTimeout } from 'node:timers/promises';
import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { Nats } from './nats.ts';
import type { Bucket } from './nats-bucket.ts';

/**
 * Whether the server that we are connected to has a majority of the cluster with it. One that was cut off from the others
 * keeps its clients, tells them nothing new, and was seen to answer reads with what it last knew for as long as it is alone
 * (2.9.10).
 */
export interface Quorum {
  /**
   * Resolves when a majority has kept something that was written after this call began: what is read next is no older
   * than the call. @throws Error when none did so in time.
   */
  prove(): Promise<void>;
  stop(): void;
}

/** Where each thing is kept by one server there is no majority to lose. */
export const noQuorumNeeded: Quorum = { prove: async () => {}, stop() {} };

export interface QuorumOptions {
  readonly nats: Nats;
  /** Kept by several servers. */
  readonly bucket: Bucket;
  readonly logger: Logger;
}

/** What is written, over and over, by every process, to see that it is kept. */
export const PULSE = 'pulse';
const PROVE_EVERY = 2 * SECOND;
/** A cluster that lost a leader may take so long to have another; then it is taken for a server that is alone. */
const PATIENCE = 5 * SECOND;

/** Proves it every 2 s; a server that had none for 5 s is left for another one. */
export function watchQuorum({ nats, bucket, logger }: QuorumOptions): Quorum {
  const stopping = new AbortController();
  const { signal } = stopping;
  let latest: Promise<void> = Promise.resolve();
  /** Not yet begun, so that it is a proof for whoever asks now. */
  let next: Promise<void> | null = null;

  async function proveAfter(previous: Promise<void>): Promise<void> {
    await previous.catch(() => {});
    next = null;
    await bucket.put(PULSE, '');
  }

  function prove(): Promise<void> {
    if (!next) {
      next = proveAfter(latest);
      latest = next;
    }
    return next;
  }

  async function watch(): Promise<void> {
    let provenAt = performance.now();
    while (!signal.aborted) {
      await setTimeout(PROVE_EVERY, undefined, { signal }).catch(() => {});
      const isProven =
        !nats.isConnected ||
        (await prove().then(
          () => true,
          () => false,
        ));
      if (isProven) provenAt = performance.now();
      else if (performance.now() - provenAt > PATIENCE && !signal.aborted) {
        logger.warn('this NATS server has no majority with it: another one is tried');
        await nats.leaveServer();
        provenAt = performance.now();
      }
    }
  }
  void watch();

  return { prove, stop: () => stopping.abort() };
}
