import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { unauthenticated } from '../domain/errors.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { OperationContext } from './context.ts';
import type { ErrorMask } from './errors.ts';

/**
 * How a subscription ends, the same over WebSocket and SSE:
 * - the client leaves: what the stream waits for is let go at once;
 * - the stream fails: a last result carries the typed error, then the stream completes, and the socket lives on;
 * - the session ends: a last result says UNAUTHENTICATED (a WebSocket is closed with 4403 beside that).
 */
export function useSubscriptionEnd(
  mask: ErrorMask,
  sessions: Pick<Sessions, 'onEnd'>,
): Plugin<OperationContext> {
  return {
    onSubscribe: ({ args: { contextValue: context } }) => ({
      onSubscribeResult({ result, setResult }) {
        // The operation's deadline was for getting the stream started.
        context.finish();
        if (!isAsyncIterable(result)) return;
        const { viewer } = context;
        const forget =
          viewer.kind === 'SESSION'
            ? sessions.onEnd(viewer.session.id, () => context.endSubscription(unauthenticated()))
            : () => {};
        setResult(ending(result as AsyncIterable<ExecutionResult>, context, mask, forget));
      },
    }),
  };
}

/** Not an async generator: its `return` would wait for the event that it waits for. */
function ending(
  source: AsyncIterable<ExecutionResult>,
  context: OperationContext,
  mask: ErrorMask,
  forget: () => void,
): AsyncIterableIterator<ExecutionResult> {
  const iterator = source[Symbol.asyncIterator]();
  let over = false;
  const finish = () => {
    over = true;
    forget();
    context.endSubscription(null);
  };
  const last = (error: unknown): IteratorResult<ExecutionResult> => {
    finish();
    return { done: false, value: { errors: [mask(error)] } };
  };
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (over) return { done: true, value: undefined };
      try {
        const step = await iterator.next();
        if (!step.done) return step;
        const reason = context.subscriptionEnd;
        if (reason && !over) return last(reason);
        finish();
        return step;
      } catch (error) {
        return over ? { done: true, value: undefined } : last(context.subscriptionEnd ?? error);
      }
    },
    async return() {
      finish();
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
}
