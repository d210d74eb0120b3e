import { GraphQLError, Kind } from 'graphql';
import { type ErrorCode, GatewayError } from '../domain/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { UpstreamFailure } from '../upstream/errors.ts';
import { type MistakeOptions, mistake } from './mistakes.ts';

/** From anything that was thrown, for the request of that id if any, to what a client may read of it. */
export type ErrorMask = (error: unknown, requestId?: string) => GraphQLError;

/**
 * What a client may read of a failure: our own errors with code and details; mistakes in the request as they are,
 * with the code BAD_USER_INPUT; and anything else as INTERNAL_SERVER_ERROR with a constant text, logged in full here.
 * What has been through the mask comes out of it the same again: Yoga masks results too.
 */
export function createErrorMask(logger: Logger, options: MistakeOptions): ErrorMask {
  const masked = new WeakSet<GraphQLError>();

  function mask(error: unknown, requestId?: string): GraphQLError {
    const located = error instanceof GraphQLError ? error : null;
    const origin = rootOf(error);
    if (origin instanceof GatewayError) return publicError(origin, located);
    if (located && isMistake(located, origin)) return mistake(located, options);
    const path = located?.path?.join('.');
    if (isGivenUp(origin)) logger.debug({ requestId, path }, 'the client left');
    // A scalar's own words hold the value that it refuses, which may be of a person.
    else if (origin instanceof GraphQLError) logger.error({ requestId, path }, 'the schema refuses a value');
    else logger.error({ requestId, err: origin, path }, 'a resolver failed');
    return publicError(
      new GatewayError('INTERNAL_SERVER_ERROR', 'Something went wrong here. It was logged.'),
      located,
    );
  }

  return (error, requestId) => {
    if (error instanceof GraphQLError && masked.has(error)) return error;
    const readable = mask(error, requestId);
    masked.add(readable);
    return readable;
  };
}

/** The code that a client reads of a failure, without a look at whether it is one to log. */
export function errorCode(error: unknown): ErrorCode {
  const origin = rootOf(error);
  if (origin instanceof GatewayError) return origin.code;
  const isOurs = error instanceof GraphQLError && isMistake(error, origin);
  return isOurs ? 'BAD_USER_INPUT' : 'INTERNAL_SERVER_ERROR';
}

/** @param located the error as the executor placed it: where in the document and in the answer. */
export function publicError(error: GatewayError, located?: GraphQLError | null): GraphQLError {
  const { message, code, details } = error;
  return new GraphQLError(message, {
    // Never sent; what has been through the mask once comes out of it the same again.
    originalError: error,
    ...(located?.nodes && { nodes: located.nodes }),
    ...(located?.source && { source: located.source }),
    ...(located?.positions && { positions: located.positions }),
    ...(located?.path && { path: located.path }),
    extensions: { code, ...details },
  });
}

/**
 * Syntax, validation and variables fail before anything runs, and so without a path; a scalar may refuse a variable with
 * an error of its own. An argument that turns out to be null is found when its field runs.
 */
function isMistake({ path, nodes }: GraphQLError, origin: unknown): boolean {
  const place = nodes?.[0]?.kind;
  if (!path) return origin instanceof GraphQLError || place === Kind.VARIABLE_DEFINITION;
  return origin instanceof GraphQLError && (place === Kind.VARIABLE || place === Kind.ARGUMENT);
}

/** What aborted calls reject with: nobody reads the answer any more. */
const isGivenUp = (error: unknown): boolean =>
  (error instanceof Error && error.name === 'AbortError') ||
  (error instanceof UpstreamFailure && error.kind === 'aborted');

function rootOf(error: unknown): unknown {
  let root = error;
  while (root instanceof GraphQLError && root.originalError) root = root.originalError;
  return root;
}
