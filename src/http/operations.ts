import { type DocumentNode, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../auth/viewer.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { OperationContext, ServerContext } from './context.ts';
import { errorCode } from './errors.ts';

/**
 * What became of an operation:
 * - `ok`: data alone; of a subscription, that it began;
 * - `partial`: data and errors;
 * - `failed`: errors alone;
 * - `invalid`: never run, as the document is not right.
 */
export type OperationOutcome = 'ok' | 'partial' | 'failed' | 'invalid';

export interface FinishedOperation {
  readonly requestId: string | undefined;
  /** `unknown` when the document could not be read as far as that. */
  readonly kind: 'query' | 'mutation' | 'subscription' | 'unknown';
  readonly transport: Transport;
  readonly outcome: OperationOutcome;
  readonly viewer: Viewer['kind'];
  /** Of the errors, each once. */
  readonly codes: readonly ErrorCode[];
  /** From when it was begun to be run; a subscription's until it stood. 0 when it was never run. */
  readonly ms: number;
}

export type Transport = 'http' | 'sse' | 'websocket';

/** What an operation came by; a subscription over HTTP is SSE. */
export const transportOf = ({ socket }: Pick<ServerContext, 'socket'>, streams = false): Transport => {
  if (socket) return 'websocket';
  return streams ? 'sse' : 'http';
};

type Observed = OperationContext & ServerContext;

/** Tells of every operation when it is over; of a subscription, when it has begun or was refused. */
export function useOperations(observe: (operation: FinishedOperation) => void): Plugin<Observed> {
  const told = ({ requestId, viewer, socket }: Partial<Observed>, streams = false) => ({
    requestId,
    viewer: viewer?.kind ?? ('ANONYMOUS' as const),
    transport: transportOf({ socket }, streams),
  });
  const invalid = (context: Partial<Observed>, errors: readonly unknown[]) =>
    observe({ ...told(context), kind: 'unknown', outcome: 'invalid', codes: codesOf(errors), ms: 0 });

  return {
    onParse:
      ({ context }) =>
      ({ result }) => {
        if (result instanceof Error) invalid(context, [result]);
      },

    onValidate:
      ({ context }) =>
      ({ valid, result }) => {
        if (!valid) invalid(context, result);
      },

    onExecute({ args: { contextValue, document, operationName } }) {
      const begun = performance.now();
      return {
        onExecuteDone({ result }) {
          if (Symbol.asyncIterator in result) return;
          const { errors = [], data } = result;
          const all = [...errors, ...contextValue.partialErrors.map(({ error }) => error)];
          observe({
            ...told(contextValue),
            kind: kindOf(document, operationName),
            outcome: outcomeOf(all, data),
            codes: codesOf(all),
            ms: performance.now() - begun,
          });
        },
      };
    },

    onSubscribe({ args: { contextValue } }) {
      const begun = performance.now();
      return {
        onSubscribeResult({ result }) {
          const errors = Symbol.asyncIterator in result ? [] : (result.errors ?? []);
          observe({
            ...told(contextValue, true),
            kind: 'subscription',
            outcome: errors.length > 0 ? 'failed' : 'ok',
            codes: codesOf(errors),
            ms: performance.now() - begun,
          });
        },
      };
    },
  };
}

const kindOf = (document: DocumentNode, name: string | null | undefined): FinishedOperation['kind'] =>
  getOperationAST(document, name)?.operation ?? 'unknown';

function outcomeOf(errors: readonly unknown[], data: unknown): OperationOutcome {
  if (errors.length === 0) return 'ok';
  return data === null || data === undefined ? 'failed' : 'partial';
}

const codesOf = (errors: readonly unknown[]): ErrorCode[] => [...new Set(errors.map(errorCode))];
