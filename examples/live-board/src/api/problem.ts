import { CombinedGraphQLErrors, ServerError } from '@apollo/client/errors';
import type { ErrorCode, Provider } from '../gql/graphql.ts';

/** What went wrong, in the API's codes; `OFFLINE` when it could not be asked at all. */
export interface Problem {
  readonly code: ErrorCode | 'OFFLINE';
  readonly retryAfterSeconds?: number | null;
  /** Whose login or answer is missing; absent when it is our own session. */
  readonly provider?: Provider;
}

/** A mutation's typed refusal, of any kind. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly retryAfterSeconds?: number | null;
}

/** Any error of the client as a problem. */
export function problemOf(error: unknown): Problem {
  if (CombinedGraphQLErrors.is(error)) {
    const { code = 'INTERNAL_SERVER_ERROR', ...rest } = (error.errors[0]?.extensions ??
      {}) as Partial<Problem>;
    return { ...rest, code };
  }
  if (ServerError.is(error)) {
    return { code: error.statusCode === 401 ? 'UNAUTHENTICATED' : 'INTERNAL_SERVER_ERROR' };
  }
  return { code: 'OFFLINE' };
}

/** Whether the session itself is over: only a new login helps. A missing bank link is no such thing. */
export const endsSession = ({ code, provider }: Problem): boolean =>
  code === 'UNAUTHENTICATED' && provider !== 'CASSO';

const NAMES: Readonly<Record<Provider, string>> = { BONGLOY: 'Your card issuer', CASSO: 'Your bank link' };

/** A sentence for the person in front of the page: what happened, and what helps. */
export function explain({ code, provider }: Problem): string {
  const who = provider ? NAMES[provider] : 'The service';
  switch (code) {
    case 'OFFLINE':
      return 'There is no connection right now.';
    case 'RATE_LIMITED':
      return 'That was a little too often.';
    case 'UPSTREAM_UNAVAILABLE':
    case 'UPSTREAM_TIMEOUT':
      return `${who} is not answering. Nothing is lost; try again in a moment.`;
    case 'UPSTREAM_REJECTED':
      return `${who} refused this.`;
    case 'INVALID_GRANT':
    case 'INVALID_STATE':
      return 'The sign-in was refused or took too long. Please begin again.';
    case 'UNAUTHENTICATED':
      return provider ? `${who} has to be connected again.` : 'You have been signed out.';
    case 'BAD_USER_INPUT':
      return 'These details do not belong together. Please check them.';
    case 'CURSOR_EXPIRED':
    case 'FORBIDDEN':
    case 'INTERNAL_SERVER_ERROR':
    case 'NOT_FOUND':
    case 'PERSISTED_QUERY_NOT_FOUND':
    case 'PERSISTED_QUERY_NOT_SUPPORTED':
    case 'QUERY_TOO_COMPLEX':
    default: // codes may be added
      return 'Something went wrong on our side. Please try again.';
  }
}
