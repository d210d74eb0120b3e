import type { GraphQLError, GraphQLFormattedError } from 'graphql';

interface Result {
  readonly data?: unknown;
  readonly extensions?: unknown;
  readonly errors?: readonly GraphQLError[] | undefined;
}

/** What a `next` message carries of a result. */
export function payloadOf({ data, extensions, errors }: Result): object {
  return {
    // First, so that they are seen (GraphQL §7.1).
    ...(errors && { errors: errors.map(withoutStatus) }),
    ...(data !== undefined && { data }),
    ...(extensions !== undefined && { extensions }),
  };
}

/** Yoga notes in errors which status they would have over HTTP. */
export function withoutStatus(error: GraphQLError): GraphQLFormattedError {
  const { extensions: { http: _, ...extensions } = {}, ...rest } = error.toJSON();
  return { ...rest, extensions };
}
