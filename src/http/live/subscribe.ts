import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  getOperationAST,
  locatedError,
} from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import type { VisibleEvent } from '../../schema/event/visible.ts';
import type { OperationContext, ServerContext } from '../context.ts';
import { textOf } from './operation.ts';
import type { ProgramOf } from './programs.ts';
import type { Begun } from './subscription.ts';

/** Yoga writes a result by its own `stringify`, if it has one. */
type Result = ExecutionResult & { readonly stringify?: () => string };

/**
 * How a subscription reads the log by itself, at its client's pace. Over SSE it does so to its end, so what an event
 * comes to is shared with all who ask the same, as far as it depends on no viewer; the rest, and whatever a socket
 * reads before it is live, is executed for the one client.
 */
export function useSubscribe(programOf: ProgramOf): Plugin<OperationContext & ServerContext> {
  return {
    onSubscribe({ args: { contextValue }, setSubscribeFn }) {
      setSubscribeFn((args: ExecutionArgs) => subscribe(args, contextValue.res ? programOf : null));
    },
  };
}

async function subscribe(args: ExecutionArgs, programOf: ProgramOf | null): Promise<Begun> {
  const { document, operationName, variableValues: variables } = args;
  const events = await createSourceEventStream(args);
  if (!isAsyncIterable(events)) return events;
  const program = programOf?.({ document, query: textOf(document), operationName, variables });
  const resultOf = async (event: VisibleEvent): Promise<Result> => {
    const text = await program?.textForAll(event);
    return typeof text === 'string' ? { stringify: () => text } : execute({ ...args, rootValue: event });
  };
  return mapAsyncIterator(events as AsyncIterable<VisibleEvent>, resultOf, (error: unknown) => {
    throw locatedError(error, getOperationAST(document, operationName));
  });
}
