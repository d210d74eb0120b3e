import type { Plugin } from 'graphql-yoga';
import { viewerKey } from '../auth/viewer.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Asker, OperationContext, ServerContext } from './context.ts';
import { publicError } from './errors.ts';
import { onResponseEnd } from './response-end.ts';

type Holder = Pick<Asker, 'viewer' | 'address'>;

/** How much each viewer holds open at once. */
export interface Places {
  /** Takes some, one unless said. @returns gives them back, once; null when so many are not left. */
  take(holder: Holder, count?: number): (() => void) | null;
}

/** @param most for each session and operator; the anonymous are counted by address. */
export function createPlaces(most: number): Places {
  const taken = new Map<string, number>();
  return {
    take(holder, count = 1) {
      const key = viewerKey(holder.viewer, holder.address);
      const before = taken.get(key) ?? 0;
      if (before + count > most) return null;
      taken.set(key, before + count);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        const left = (taken.get(key) ?? count) - count;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}

/**
 * Characters of the requests that the open subscriptions of a viewer were begun with. They are held for as long as those
 * last, and what is parsed of a document takes up to two hundred times its size.
 */
export const MAX_HELD = 256 * 1024;

/** The viewer holds more than that. */
export const holdsTooMuch = () =>
  new GatewayError(
    'RATE_LIMITED',
    `The requests of your open operations may have ${MAX_HELD} characters together. End some, or send shorter ones.`,
  );

/** A subscription over SSE is a connection of its own, and takes a place as a socket does. */
export function useStreamPlaces(places: Places, held: Places): Plugin<OperationContext & ServerContext> {
  return {
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      const { req, res } = contextValue;
      if (!req || !res) return;
      const refuse = (error: GatewayError) => setResultAndStopExecution({ errors: [publicError(error)] });
      const giveBack = places.take(contextValue);
      if (!giveBack) return refuse(tooMany());
      onResponseEnd(res, giveBack);
      const letGo = held.take(
        contextValue,
        Number(req.headers['content-length'] ?? 0) + (req.url ?? '').length,
      );
      if (!letGo) return refuse(holdsTooMuch());
      onResponseEnd(res, letGo);
    },
  };
}

const tooMany = () => new GatewayError('RATE_LIMITED', 'Too many connections are open. Close one.');
