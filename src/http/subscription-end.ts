import type { ServerResponse } from 'node:http';
import type { ExecutionResult } from 'graphql';
import { isAsyncIterable, type Plugin } from 'graphql-yoga';
import { unauthenticated } from '../domain/errors.ts';
import type { Clock } from '../lib/clock.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { OperationContext, ServerContext } from './context.ts';
import type { ErrorMask } from './errors.ts';
import { type Transport, transportOf } from './operations.ts';
import { onViewerEnd } from './viewer-end.ts';

export interface SubscriptionEndOptions {
  readonly mask: ErrorMask;
  readonly sessions: Pick<Sessions, 'onEnd'>;
  readonly clock: Clock;
  /** An SSE peer that takes nothing for this long is cut off, in milliseconds; Yoga sends a comment every 12 seconds. */
  readonly idle: number;
  /** Told of every subscription: what it returns is told of the results that the client took, and of the end. */
  readonly onSubscribed: (transport: Transport) => { delivered(): void; ended(): void };
}

export interface SubscriptionEnds {
  readonly plugin: Plugin<OperationContext & ServerContext>;
  /**
   * After the event log has closed: waits until every client has its last event, for `ms` milliseconds at most. Then
   * cuts SSE off in the middle, so that clients resume; sockets are closed by their own server.
   */
  drain(ms: number): Promise<void>;
}

/**
 * How a subscription ends, the same over WebSocket and SSE:
 * - the client leaves: what the stream holds is let go at once, whether or not its first result was ever asked for;
 * - the stream fails: a last result carries the typed error, then the stream completes, and the socket lives on;
 * - the client stops reading: its connection is closed (a WebSocket by its heartbeat);
 * - the session ends: a last result says UNAUTHENTICATED (a WebSocket is closed with 4401 beside that);
 * - the gateway stops: what is in the log is still delivered, and nothing says that the stream is complete.
 */
export function createSubscriptionEnds(options: SubscriptionEndOptions): SubscriptionEnds {
  const { mask, idle } = options;
  const open = new Set<Stream>();

  return {
    plugin: {
      onSubscribe: ({ args: { contextValue: context } }) => ({
        onSubscribeResult({ result, setResult }) {
          // The operation's deadline was for getting the stream started.
          context.finish();
          const signal = context.subscriptionSignal();
          // Of a client that has left already nothing was begun.
          if (!isAsyncIterable(result) || signal.aborted) return;
          const forget = onViewerEnd(context.viewer, options, () => context.end(unauthenticated()));
          const source = result as AsyncIterable<ExecutionResult>;
          const watcher = options.onSubscribed(transportOf(context, true));
          const stream = new Stream(
            source,
            context,
            mask,
            idle,
            () => watcher.delivered(),
            () => {
              watcher.ended();
              forget();
              open.delete(stream);
            },
          );
          open.add(stream);
          signal.addEventListener('abort', () => stream.end());
          setResult(stream);
        },
      }),
    },

    async drain(ms) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([Promise.all([...open].map(({ drained }) => drained)), late]);
      clearTimeout(timer);
      for (const stream of open) stream.response?.socket?.destroySoon();
    },
  };
}

const DONE = { done: true, value: undefined } as const;

/** Not an async generator: its `return` would wait for the event that it waits for. */
class Stream implements AsyncIterableIterator<ExecutionResult> {
  readonly #iterator: AsyncIterator<ExecutionResult>;
  readonly #context: OperationContext;
  readonly #mask: ErrorMask;
  readonly #idle: number;
  readonly #onDelivered: () => void;
  readonly #onOver: () => void;
  #over = false;
  /** The HTTP response that it goes to; undefined over a WebSocket. */
  readonly response: ServerResponse | undefined;
  /** Resolves when the log has closed and its last event was taken by the client, or the stream is over. */
  readonly drained: Promise<void>;
  #setDrained = () => {};
  readonly #gone: Promise<typeof DONE>;
  #setGone = () => {};

  constructor(
    source: AsyncIterable<ExecutionResult>,
    context: OperationContext & ServerContext,
    mask: ErrorMask,
    idle: number,
    onDelivered: () => void,
    onOver: () => void,
  ) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#context = context;
    this.#mask = mask;
    this.#idle = idle;
    this.#onDelivered = onDelivered;
    this.#onOver = onOver;
    this.response = context.res;
    this.drained = new Promise((resolve) => {
      this.#setDrained = resolve;
    });
    this.#gone = new Promise((resolve) => {
      this.#setGone = () => resolve(DONE);
    });
  }

  async next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#over) return DONE;
    // Here rather than once: the HTTP adapter turns it off when the answer begins.
    this.response?.setTimeout(this.#idle);
    try {
      const step = await this.#iterator.next();
      if (this.#over) return DONE;
      const reason = this.#context.subscriptionEnd;
      if (reason) return this.#last(reason);
      if (!step.done) {
        this.#onDelivered();
        return step;
      }
      this.#setDrained();
      return this.#gone;
    } catch (error) {
      return this.#over ? DONE : this.#last(this.#context.subscriptionEnd ?? error);
    }
  }

  /** Nothing comes any more but the reason, if it is ours, for a client that still asks for it. */
  end(): void {
    this.#setDrained();
    this.#onOver();
    if (this.#context.subscriptionEnd === null) void this.return();
  }

  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#finish();
    await this.#iterator.return?.();
    return DONE;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #last(error: unknown): IteratorResult<ExecutionResult> {
    this.#finish();
    void this.#iterator.return?.();
    return { done: false, value: { errors: [this.#mask(error, this.#context.requestId)] } };
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#context.end(null);
    this.#setGone();
  }
}
