import { type ExecutionArgs, type GraphQLError, getOperationAST } from 'graphql';
import type { OperationResult, SubscribePayload } from 'graphql-ws';
import type { Asker, OperationContext } from './context.ts';
import type { ErrorMask } from './errors.ts';
import type { Live } from './live/live.ts';
import { textOf } from './live/operation.ts';
import type { LiveSender } from './live/sender.ts';
import { type Begun, LiveSubscription } from './live/subscription.ts';

/** An operation that is ready to run. */
export interface Prepared extends ExecutionArgs {
  readonly contextValue: OperationContext;
  /** Yoga's own execute and subscribe, with all its plugins, travel in the root value (as Yoga's guide does it). */
  readonly rootValue: {
    readonly execute: (args: ExecutionArgs) => OperationResult;
    readonly subscribe: (args: ExecutionArgs) => Promise<Begun>;
  };
}

/** @throws what forbids the operation. @returns the mistakes in it, or what runs it. */
export type Prepare = (subscription: LiveSubscription) => Promise<readonly GraphQLError[] | Prepared>;

export interface SocketOperationOptions {
  readonly id: string;
  readonly payload: SubscribePayload;
  readonly asker: Asker;
  readonly requestId: string;
  readonly prepare: Prepare;
  readonly send: LiveSender;
  readonly live: Live;
  readonly mask: ErrorMask;
  /** @param release is called when the client wants no more of the operation, or is gone. */
  readonly onEnd: (release: () => void) => void;
}

/** What the protocol holds for as long as the operation lasts. */
export interface SocketOperation extends ExecutionArgs {
  readonly rootValue: {
    execute(): OperationResult;
    subscribe(): Promise<Begun>;
  };
}

/**
 * Prepares an operation of a socket. What runs it is large, so it is let go of when it has begun, and made anew should
 * a live subscription fall back to reading the log.
 * @throws what forbids the operation. @returns the mistakes in it, or what runs it.
 */
export async function socketOperation(
  options: SocketOperationOptions,
): Promise<readonly GraphQLError[] | SocketOperation> {
  const { id, payload, requestId, prepare, send, live } = options;
  const mask: ErrorMask = (error) => options.mask(error, requestId);
  const operationName = payload.operationName || null;
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  let { asker } = options;
  let ready: Prepared | null = null;

  const subscription = new LiveSubscription({
    send: (text) => send(`${head}${text}}`),
    async begin() {
      try {
        const prepared = ready ?? (await prepare(subscription));
        ready = null;
        if (subscription.isOver) return {};
        if (isRefused(prepared)) return { errors: prepared.map((error) => mask(error)) };
        // The session as it stands now, with what it has linked.
        asker = { ...asker, viewer: prepared.contextValue.viewer };
        return await prepared.rootValue.subscribe(prepared);
      } catch (error) {
        return { errors: [mask(error)] };
      }
    },
    join: (selection, after, member) => live.join({ operation, asker, requestId, selection }, after, member),
  });

  options.onEnd(() => subscription.end());

  const prepared = await prepare(subscription);
  if (isRefused(prepared)) return prepared;
  ready = prepared;
  const { schema, document } = prepared;
  const variables = declaredOf(prepared);
  // The protocol holds the payload for as long as the operation lasts: equal documents shall hold one text, and what the
  // operation does not use is dropped.
  const query = textOf(document);
  const nothing = Object.fromEntries(Object.keys(payload).map((name) => [name, undefined]));
  Object.assign(payload, nothing, { query, operationName, variables });
  const operation = { document, query, operationName, variables };
  return {
    schema,
    document,
    operationName,
    variableValues: variables,
    rootValue: {
      execute() {
        if (!ready) throw new Error('an operation was executed twice');
        // The result has no reader.
        if (subscription.isOver) return {};
        return ready.rootValue.execute(ready);
      },
      subscribe: () => subscription.begin(),
    },
  };
}

/** The variables that the operation declares; others may come, and mean nothing. */
function declaredOf({ document, operationName, variableValues }: Prepared): Record<string, unknown> {
  const { variableDefinitions = [] } = getOperationAST(document, operationName) ?? {};
  const names = variableDefinitions.map(({ variable }) => variable.name.value);
  const given = variableValues ?? {};
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]),
  );
}

const isRefused = (prepared: readonly GraphQLError[] | Prepared): prepared is readonly GraphQLError[] =>
  Array.isArray(prepared);
