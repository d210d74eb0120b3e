import {
  badUserInput,
  type GatewayError,
  invalidGrant,
  rateLimited,
  UnreadableAnswer,
  unauthenticated,
  upstreamRejected,
  upstreamTimeout,
  upstreamUnavailable,
} from '../../domain/errors.ts';
import { SECOND } from '../../lib/duration.ts';
import { UpstreamFailure } from '../../upstream/errors.ts';
import { retryAfterMs } from '../../upstream/retry-after.ts';
import type { UpstreamResponse } from '../../upstream/upstream.ts';
import { jsonObject, WrongMember } from '../read.ts';

/** How long a client waits after a 429 that does not say: the provider's limits are not documented. */
const DEFAULT_WAIT = 30 * SECOND;

/**
 * No complete or usable answer, as clients are told of it. A caller's abort, and what is not an UpstreamFailure
 * (such as a credential's own GatewayError), is given back as it is.
 */
export function fromFailure(error: unknown): unknown {
  return error instanceof UpstreamFailure ? fromKind(error) : error;
}

function fromKind(failure: UpstreamFailure): GatewayError | UpstreamFailure {
  if (failure instanceof WrongMember) return new UnreadableAnswer('BONGLOY', { cause: failure });
  switch (failure.kind) {
    case 'aborted':
      return failure;
    case 'late':
      return upstreamTimeout('BONGLOY', { cause: failure });
    case 'no-answer':
    case 'wrong-shape':
    case 'breaker-open':
    case 'overloaded':
      break;
  }
  return upstreamUnavailable('BONGLOY', { cause: failure });
}

/** Answers that are whole and make no list. @param what is wrong, for logs. */
export const unusable = (what: string): GatewayError =>
  upstreamUnavailable('BONGLOY', { cause: new UpstreamFailure('wrong-shape', what) });

/**
 * An answer that is not 2xx, judged by its status alone: bodies differ by who wrote them (JSON:API, OAuth, Rails,
 * nothing at all; docs/providers/bongloy.md §3.1). The status goes into the cause, for logs.
 * @param now milliseconds since the epoch.
 */
export function fromStatus({ status, headers }: UpstreamResponse, now: number): GatewayError {
  const cause = new Error(`Bongloy answered ${status}`);
  if (status === 429) return rateLimited(retryAfterMs(headers, now) ?? DEFAULT_WAIT, 'BONGLOY');
  // 401 and 403 too: with our own credentials they are our configuration's fault, which no viewer can cure; a 403
  // to a cardholder says that the provider's scope is missing, which no scope of ours (FORBIDDEN) would change.
  if (status >= 400 && status < 500) return upstreamRejected('BONGLOY', { cause });
  return upstreamUnavailable('BONGLOY', { cause });
}

/** The same for a cardholder's read, where 401 says that the grant is over. */
export const fromReadStatus = (response: UpstreamResponse, now: number): GatewayError =>
  response.status === 401 ? unauthenticated('BONGLOY') : fromStatus(response, now);

/** What a pair that does not belong together may be answered with: which of them is not documented. */
const NO_SUCH_PAIR: ReadonlySet<number> = new Set([400, 404, 422]);

/** The same for a new verification. The text is constant, so that nobody can find out who has which account. */
export const fromVerificationStatus = (response: UpstreamResponse, now: number): GatewayError =>
  NO_SUCH_PAIR.has(response.status)
    ? badUserInput('input', 'No verification can be made for this phone number and account identifier.')
    : fromStatus(response, now);

/**
 * The same for the token endpoint, where the body tells a refused login from our own fault (RFC 6749 §5.2): by the
 * word in `error`, never by its description.
 */
export function fromGrantStatus(response: UpstreamResponse, now: number): GatewayError {
  const refused = response.status >= 400 && response.status < 500 && response.status !== 429;
  return refused && jsonObject(response.body)?.['error'] === 'invalid_grant'
    ? invalidGrant('BONGLOY')
    : fromStatus(response, now);
}
