import { PROVIDER_NAMES, type Provider } from './provider.ts';

/**
 * Every code that a client of this API can receive, each saying what the client can do next.
 * The catalogue of the public `ErrorCode` enum, of `extensions.code`, and of the error reference.
 */
export const ERROR_CODES = {
  BAD_USER_INPUT: 'The request is wrong, or an argument: `field` names it. Change it before asking again.',
  UNAUTHENTICATED:
    'No valid token, or a session that is not linked to `provider`. Log in, or link the provider, and ask again.',
  FORBIDDEN:
    'The token lacks the scope named in `requiredScope`, or the page is of a site that may not ask. Asking again does not help.',
  NOT_FOUND: 'It does not exist, or is not yours: the two are never told apart.',
  RATE_LIMITED: 'Too many requests. Wait `retryAfterSeconds`, then ask again.',
  INVALID_GRANT:
    'The provider refused the login: wrong or expired code, token, or key. Start the login again.',
  INVALID_STATE: 'The authorization state is unknown, used, expired, or of another session. Start again.',
  CURSOR_EXPIRED: 'The event log no longer holds that position. Reload, and go on from `earliestCursor`.',
  QUERY_TOO_COMPLEX:
    'The operation is larger or costs more than is allowed; `cost` or the message tells how much. Ask for less at once.',
  PERSISTED_QUERY_NOT_SUPPORTED:
    'No document is known here by its hash. Send its text; clients with persisted queries do that by themselves.',
  PERSISTED_QUERY_NOT_FOUND:
    'The manifest of this gateway has no document of that id. Send the text, or release the manifest first.',
  UPSTREAM_REJECTED: 'The provider refused the request. Asking again unchanged does not help.',
  UPSTREAM_UNAVAILABLE: 'The provider gave no usable answer. Ask again later.',
  UPSTREAM_TIMEOUT: 'The provider was too slow. Ask again later.',
  INTERNAL_SERVER_ERROR: 'A fault of this API. It was logged; ask again later.',
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof ERROR_CODES;

/** Details beside the code; only those that are set reach the client. Never a provider's text, body or header. */
export interface ErrorDetails {
  /** The argument or input field at fault, as a path: `first`, `filter.accountId`. */
  readonly field?: string;
  readonly provider?: Provider;
  /** Whole seconds, at least 1. */
  readonly retryAfterSeconds?: number;
  readonly requiredScope?: string;
  /** What an operation would cost at worst, the requests to providers among it, and what one may cost, in points. */
  readonly cost?: { readonly requested: number; readonly calls: number; readonly limit: number };
  /** The oldest cursor that the event log can still resume after. */
  readonly earliestCursor?: string;
}

/**
 * A failure that a client may be told about: its message and details are written for clients.
 * Anything else that is thrown is masked as INTERNAL_SERVER_ERROR at the edge.
 */
export class GatewayError extends Error {
  override readonly name: string = 'GatewayError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}

/** `field` is the argument's path as the client wrote it, such as `filter.accountId`. */
export const badUserInput = (field: string, message: string): GatewayError =>
  new GatewayError('BAD_USER_INPUT', message, { field });

/** Without a provider: no valid token was presented. With one: the session has not linked it. */
export const unauthenticated = (provider?: Provider): GatewayError =>
  provider
    ? new GatewayError(
        'UNAUTHENTICATED',
        `This session is not linked to ${PROVIDER_NAMES[provider]}. Log in there with this session's token.`,
        {
          provider,
        },
      )
    : new GatewayError(
        'UNAUTHENTICATED',
        'This needs a session or an operator token. Send it as "Authorization: Bearer <token>", over a socket as { authorization } in connection_init.',
      );

/** The gateway's own key is refused: no viewer can do anything about it. */
export const shopKeyRefused = (): GatewayError =>
  new GatewayError(
    'UPSTREAM_REJECTED',
    'Casso refuses the key of this gateway: an operator has to set CASSO_API_KEY to one that Casso still knows.',
    { provider: 'CASSO' },
  );

/** Nobody, or an operator, asked what only a session that has linked the provider may ask. */
export const sessionNeeded = (provider: Provider): GatewayError =>
  new GatewayError(
    'UNAUTHENTICATED',
    `This needs a session that is linked to ${PROVIDER_NAMES[provider]}: log in, and send its token as "Authorization: Bearer <token>".`,
    { provider },
  );

export const forbidden = (requiredScope: string): GatewayError =>
  new GatewayError('FORBIDDEN', `This needs a token with the scope ${requiredScope}.`, { requiredScope });

/** `what` is a noun phrase: "account". Unknown and foreign are the same to the caller. */
export const notFound = (what: string, provider?: Provider): GatewayError =>
  new GatewayError('NOT_FOUND', `There is no such ${what}.`, provider ? { provider } : {});

/** The operation is refused before it runs. @param message what was asked, the limit, and the cure. */
export const queryTooComplex = (message: string, cost?: ErrorDetails['cost']): GatewayError =>
  new GatewayError('QUERY_TOO_COMPLEX', message, cost ? { cost } : {});

/**
 * @param retryAfterMs time to wait in milliseconds; told to the client in whole seconds, rounded up.
 * @param why the sentence's first half; by default who has had enough.
 */
export const rateLimited = (
  retryAfterMs: number,
  provider?: Provider,
  why = provider ? `${PROVIDER_NAMES[provider]} allows no more requests now` : 'Too many requests',
): GatewayError => {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new GatewayError('RATE_LIMITED', `${why}; try again in ${retryAfterSeconds} s.`, {
    retryAfterSeconds,
    ...(provider && { provider }),
  });
};

/** The provider refused the login or the grant. Which part was wrong is not told. */
export const invalidGrant = (provider: Provider): GatewayError =>
  new GatewayError('INVALID_GRANT', `${PROVIDER_NAMES[provider]} refused the login. Start it again.`, {
    provider,
  });

/** The provider answered 4xx that is not about authentication, rate or existence. */
export const upstreamRejected = (provider: Provider, options?: ErrorOptions): GatewayError =>
  new GatewayError(
    'UPSTREAM_REJECTED',
    `${PROVIDER_NAMES[provider]} refused the request.`,
    { provider },
    options,
  );

/** No answer, 5xx, wrong shape, or the breaker is open. */
export const upstreamUnavailable = (provider: Provider, options?: ErrorOptions): GatewayError =>
  new GatewayError(
    'UPSTREAM_UNAVAILABLE',
    `${PROVIDER_NAMES[provider]} gave no usable answer.`,
    { provider },
    options,
  );

/**
 * The provider answered, and what it sent of the one thing that was asked for cannot be read: asking again does not help
 * until the provider, or this gateway, has changed.
 */
export class UnreadableAnswer extends GatewayError {
  constructor(provider: Provider, options?: ErrorOptions) {
    super(
      'UPSTREAM_UNAVAILABLE',
      `${PROVIDER_NAMES[provider]} tells this in a form that cannot be read.`,
      { provider },
      options,
    );
  }
}

/** The rejection of a look at one thing that cannot be read as what the look came to. Anything else is thrown on. */
export function unreadableAsValue(error: unknown): UnreadableAnswer {
  if (error instanceof UnreadableAnswer) return error;
  throw error;
}

/** The provider was late: later than the attempt's or the operation's deadline. */
export const upstreamTimeout = (provider: Provider, options?: ErrorOptions): GatewayError =>
  new GatewayError(
    'UPSTREAM_TIMEOUT',
    `${PROVIDER_NAMES[provider]} did not answer in time.`,
    { provider },
    options,
  );

/** The provider's variables are not set here, so its fields cannot answer. */
export const providerOff = (provider: Provider): GatewayError =>
  new GatewayError('UPSTREAM_UNAVAILABLE', `${PROVIDER_NAMES[provider]} is not configured on this gateway.`, {
    provider,
  });
