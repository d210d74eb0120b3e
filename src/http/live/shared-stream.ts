import { createSourceEventStream, type ExecutionArgs, execute, print } from 'graphql';
import { isAsyncIterable, mapAsyncIterator, type Plugin } from 'graphql-yoga';
import type { VisibleEvent } from '../../schema/event/visible.ts';
import type { OperationContext, ServerContext } from '../context.ts';
import type { ProgramOf } from './programs.ts';

/**
 * A subscription over SSE reads the log by itself, at its client's pace. What an event comes to is shared with all who
 * ask the same, as far as it depends on no viewer; the rest is executed for the one client.
 */
export function useSharedStreams(programOf: ProgramOf): Plugin<OperationContext & ServerContext> {
  return {
    onSubscribe({ args: { contextValue }, setSubscribeFn }) {
      if (contextValue.res) setSubscribeFn((args: ExecutionArgs) => subscribe(args, programOf));
    },
  };
}

async function subscribe(args: ExecutionArgs, programOf: ProgramOf) {
  const events = await createSourceEventStream(args);
  if (!isAsyncIterable(events)) return events;
  const { document, operationName, variableValues: variables } = args;
  const query = document.loc?.source.body ?? print(document);
  const program = programOf({ document, query, operationName, variables });
  return mapAsyncIterator(events as AsyncIterable<VisibleEvent>, async (event) => {
    const text = await program.textForAll(event);
    // Yoga writes a result by its own `stringify`, if it has one.
    return text === null ? execute({ ...args, rootValue: event }) : { stringify: () => text };
  });
}
