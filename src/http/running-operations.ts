import type { ExecutionArgs } from 'graphql';
import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { OperationContext } from './context.ts';

/** The operations that run now: queries, mutations, and subscriptions that begin. */
export interface RunningOperations {
  readonly plugin: Plugin<OperationContext>;
  /** Name and request id of each, such as `Overview 0b7c…`; at most `MOST` of them, those that began first. */
  describe(): readonly string[];
}

/** Operations that one line of the log tells of. */
const MOST = 20;
/** Characters of an operation's name, which is its client's. */
const LONGEST_NAME = 64;

export function createRunningOperations(): RunningOperations {
  const running = new Set<ExecutionArgs>();
  const begin = (args: ExecutionArgs) => {
    running.add(args);
    return () => {
      running.delete(args);
    };
  };
  return {
    plugin: {
      onExecute: ({ args }) => ({ onExecuteDone: begin(args) }),
      onSubscribe: ({ args }) => ({ onSubscribeResult: begin(args) }),
    },
    describe: () => [...running].slice(0, MOST).map(describe),
  };
}

function describe({ document, operationName, contextValue }: ExecutionArgs): string {
  const operation = getOperationAST(document, operationName);
  const name = operation?.name?.value ?? operation?.operation ?? '';
  return `${name.slice(0, LONGEST_NAME)} ${(contextValue as OperationContext).requestId}`;
}
