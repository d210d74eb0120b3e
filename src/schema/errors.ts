import type { ObjectRef } from '@pothos/core';
import { type ErrorCode as Code, ERROR_CODES, GatewayError } from '../domain/errors.ts';
import { builder } from './builder.ts';
import { Provider } from './provider.ts';

export const ErrorCode = builder.enumType('ErrorCode', {
  description:
    'What went wrong, and so what to do next: in `extensions.code` of errors, and in the typed errors of mutations.',
  values: Object.fromEntries(
    Object.entries(ERROR_CODES).map(([code, description]) => [code, { value: code as Code, description }]),
  ) as Record<Code, { value: Code; description: string }>,
});

/** A GatewayError as a value: the executor takes an Error that a resolver returns for a thrown one. */
type Refusal = Pick<GatewayError, 'message' | 'code' | 'details'>;

const isRefusal = (value: object): value is Refusal => 'code' in value && 'details' in value;

const ErrorInterface = builder.interfaceRef<Refusal>('Error').implement({
  description: 'Why a mutation did not do what was asked.',
  resolveType: (error) => typeNameOf(error.code),
  fields: (t) => ({
    message: t.exposeString('message', { description: 'A sentence for developers, in English.' }),
    code: t.expose('code', { type: ErrorCode, description: 'What went wrong, for programs.' }),
  }),
});

const errorType = (name: string, description: string) =>
  builder.objectRef<Refusal>(name).implement({ description, interfaces: [ErrorInterface] });

export const BadUserInputError = errorType('BadUserInputError', 'Something in the input is wrong.');
builder.objectField(BadUserInputError, 'field', (t) =>
  t.string({
    nullable: true,
    description: 'Which part of the input; null when it cannot be said, or must not be.',
    resolve: ({ details }) => details.field ?? null,
  }),
);

export const UnauthenticatedError = errorType(
  'UnauthenticatedError',
  'A token, or a link to a provider, is missing.',
);
builder.objectField(UnauthenticatedError, 'provider', (t) =>
  t.field({
    type: Provider,
    nullable: true,
    description: 'The provider that is not linked; null when there is no valid token at all.',
    resolve: ({ details }) => details.provider ?? null,
  }),
);

export const ForbiddenError = errorType('ForbiddenError', 'The token does not allow it.');
builder.objectField(ForbiddenError, 'requiredScope', (t) =>
  t.string({
    nullable: true,
    description: 'The scope that the token lacks.',
    resolve: ({ details }) => details.requiredScope ?? null,
  }),
);

export const InvalidGrantError = errorType(
  'InvalidGrantError',
  'The provider refused the code, token or key. Begin the login again.',
);

export const InvalidStateError = errorType(
  'InvalidStateError',
  'The authorization is unknown, used, too old, or of another session. Begin it again.',
);

export const RateLimitedError = errorType('RateLimitedError', 'Too many attempts.');
builder.objectField(RateLimitedError, 'retryAfterSeconds', (t) =>
  t.int({
    nullable: true,
    description: 'How long to wait before the next attempt.',
    resolve: ({ details }) => details.retryAfterSeconds ?? null,
  }),
);

export const UpstreamError = errorType(
  'UpstreamError',
  'The provider refused, failed, or was too slow; `code` tells which.',
);
builder.objectField(UpstreamError, 'provider', (t) =>
  t.field({
    type: Provider,
    description: 'The provider.',
    resolve: ({ details }) => {
      if (!details.provider) throw new Error('an upstream error names no provider');
      return details.provider;
    },
  }),
);

/** The typed error of each code that a mutation may answer with. */
export const TYPE_OF: Readonly<Partial<Record<Code, string>>> = {
  BAD_USER_INPUT: 'BadUserInputError',
  UNAUTHENTICATED: 'UnauthenticatedError',
  FORBIDDEN: 'ForbiddenError',
  INVALID_GRANT: 'InvalidGrantError',
  INVALID_STATE: 'InvalidStateError',
  RATE_LIMITED: 'RateLimitedError',
  UPSTREAM_REJECTED: 'UpstreamError',
  UPSTREAM_UNAVAILABLE: 'UpstreamError',
  UPSTREAM_TIMEOUT: 'UpstreamError',
};

const typeNameOf = (code: Code): string | undefined => TYPE_OF[code];

/**
 * The result of a mutation: its payload, or one of the errors that its union names.
 * @returns the union, and `settle`, which turns a thrown error of the union into the result; any other error stays
 *   an error of the whole field.
 */
export function mutationResult<Payload extends object>(options: {
  readonly name: string;
  readonly description: string;
  readonly payload: ObjectRef<(typeof builder)['$inferSchemaTypes'], Payload>;
  readonly errors: readonly (typeof BadUserInputError)[];
}) {
  const { name, description, payload, errors } = options;
  const union = builder.unionType(name, {
    description,
    types: [payload, ...errors],
    resolveType: (value) => (isRefusal(value) ? typeNameOf(value.code) : payload.name),
  });
  const expected = new Set<string | undefined>(errors.map((error) => error.name));
  const settle = async (work: Promise<Payload>): Promise<Payload | Refusal> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof GatewayError) || !expected.has(typeNameOf(error.code))) throw error;
      const { message, code, details } = error;
      return { message, code, details };
    }
  };
  return { union, settle };
}
