import type { IncomingMessage } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { type AdmissionOptions, identify, tokenRefusal } from './admission.ts';
import type { Asker, ServerContext } from './context.ts';
import type { ErrorMask } from './errors.ts';
import { readBody } from './request-body.ts';

/** What is found out about a request before anything looks at its operation. */
export interface Opened {
  readonly asker: Asker;
  /** Of its body; undefined where they stand in the address. */
  readonly parameters: GraphQLParams | undefined;
}

/** What Yoga is given of a request: as it was opened, or why it is refused, or its result. */
export interface OpenedContext extends ServerContext {
  readonly parameters?: GraphQLParams | undefined;
  readonly refusal?: GraphQLError;
  /** When it was run already. */
  readonly result?: ExecutionResult;
}

/**
 * Finds out who asks, before a byte of the body is read, and then what is asked.
 * @returns null when the client left before all of the body had come.
 * @throws GraphQLError that the client may read.
 */
export async function open(
  request: IncomingMessage,
  requestId: string,
  options: AdmissionOptions & { readonly mask: ErrorMask },
): Promise<Opened | null> {
  let asker: Asker;
  try {
    asker = await identify(request.headers.authorization, options.addressOf(request), options);
  } catch (error) {
    throw tokenRefusal(error) ?? options.mask(error, requestId);
  }
  if (request.method !== 'POST') return { asker, parameters: undefined };
  const parameters = await readBody(request);
  return parameters && { asker, parameters };
}

/** Yoga goes on from where the request was opened, and answers in its own way what was refused or run already. */
export function useOpened(): Plugin<ServerContext> {
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      const { refusal, parameters } = serverContext as unknown as OpenedContext;
      if (refusal) throw refusal;
      if (parameters) setRequestParser(() => parameters);
    },
    onParams({ context, setResult }) {
      const { result } = context as unknown as OpenedContext;
      if (result) setResult(result);
    },
  };
}
