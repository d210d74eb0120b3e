import type { Plugin } from 'graphql-yoga';
import { viewerKey } from '../auth/viewer.ts';
import { GatewayError } from '../domain/errors.ts';
import type { Asker, OperationContext, ServerContext } from './context.ts';
import { publicError } from './errors.ts';
import { onResponseEnd } from './response-end.ts';

type Holder = Pick<Asker, 'viewer' | 'address'>;

/** How much each viewer holds open at once. */
export interface Places {
  /** Takes one. @returns gives it back, once; null when all are taken. */
  take(holder: Holder): (() => void) | null;
}

/** @param most for each session and operator; the anonymous are counted by address. */
export function createPlaces(most: number): Places {
  const taken = new Map<string, number>();
  return {
    take(holder) {
      const key = viewerKey(holder.viewer, holder.address);
      const count = taken.get(key) ?? 0;
      if (count >= most) return null;
      taken.set(key, count + 1);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        const left = (taken.get(key) ?? 1) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}

/** A subscription over SSE is a connection of its own, and takes a place as a socket does. */
export function useStreamPlaces(places: Places): Plugin<OperationContext & ServerContext> {
  return {
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      const { req, res } = contextValue;
      if (!req || !res) return;
      const giveBack = places.take(contextValue);
      if (giveBack) onResponseEnd(req, res, giveBack);
      else setResultAndStopExecution({ errors: [publicError(tooMany())] });
    },
  };
}

const tooMany = () => new GatewayError('RATE_LIMITED', 'Too many connections are open. Close one.');
