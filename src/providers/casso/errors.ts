import {
  type GatewayError,
  notFound,
  rateLimited,
  UnreadableAnswer,
  unauthenticated,
  upstreamRejected,
  upstreamTimeout,
  upstreamUnavailable,
} from '../../domain/errors.ts';
import { MINUTE } from '../../lib/duration.ts';
import { UpstreamFailure } from '../../upstream/errors.ts';
import { WrongMember } from '../read.ts';

/** What a call is about, if that can be missing. */
export interface Subject {
  /** For the client's message: "bank account". */
  readonly noun: string;
  /** The envelope's code for "does not exist", where one of its own is documented. */
  readonly unknownCode?: number;
}

/** How long a client waits after a 429 that does not say: the limit met in practice counts per minute (§3). */
export const DEFAULT_WAIT = 1 * MINUTE;

/** Casso answered, and the answer is no. The message is two numbers, nothing of what was sent or said. */
export class CassoRefusal extends Error {
  override readonly name = 'CassoRefusal';
  /** The HTTP status from 400 up; under a 2xx, what the envelope's code amounts to (see `exchange.ts`). */
  readonly status: number;
  /** The envelope's code; null when the body is no envelope. */
  readonly code: number | null;
  /** What `Retry-After` asks for, milliseconds; null when it does not say. */
  readonly retryAfterMs: number | null;

  constructor(status: number, code: number | null, retryAfterMs: number | null) {
    super(`Casso refused: status ${status}, code ${code ?? 'none'}`);
    this.status = status;
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * What to throw when a call failed. Whatever is no failure of Casso's passes unchanged: a GatewayError
 * of the credential or the budget, and the caller's own abort.
 * @param subject null when the call asks for nothing that could be missing: a 404 is then a refusal like others.
 */
export function toGatewayError(error: unknown, subject: Subject | null): unknown {
  return error instanceof CassoRefusal ? fromRefusal(error, subject) : fromFailure(error);
}

/** No complete or usable answer; anything else is given back as it is. */
export function fromFailure(error: unknown): unknown {
  return error instanceof UpstreamFailure ? fromKind(error) : error;
}

function fromKind(failure: UpstreamFailure): GatewayError | UpstreamFailure {
  if (failure instanceof WrongMember) return new UnreadableAnswer('CASSO', { cause: failure });
  switch (failure.kind) {
    case 'aborted':
      return failure;
    case 'late':
      return upstreamTimeout('CASSO', { cause: failure });
    case 'no-answer':
    case 'wrong-shape':
    case 'breaker-open':
    case 'overloaded':
      break;
  }
  return upstreamUnavailable('CASSO', { cause: failure });
}

/** Answers that are whole and make no list. @param what is wrong, for logs. */
export const unusable = (what: string): GatewayError =>
  upstreamUnavailable('CASSO', { cause: new UpstreamFailure('wrong-shape', what) });

/** Under a grant: a 401 is about the grant, and what the call asked for may be missing. */
function fromRefusal(refusal: CassoRefusal, subject: Subject | null): GatewayError {
  const { status, code } = refusal;
  if (status === 401) return unauthenticated('CASSO');
  const refused = status >= 400 && status < 500 && status !== 429;
  const missing = refused && subject && (status === 404 || code === subject.unknownCode);
  return missing ? notFound(subject.noun, 'CASSO') : fromStatus(refusal);
}

/** By the status alone: without a grant, a 401 is about this gateway's own settings, which no viewer can cure. */
export function fromStatus(refusal: CassoRefusal): GatewayError {
  const { status, retryAfterMs } = refusal;
  if (status === 429) return rateLimited(retryAfterMs ?? DEFAULT_WAIT, 'CASSO');
  return status < 500
    ? upstreamRejected('CASSO', { cause: refusal })
    : upstreamUnavailable('CASSO', { cause: refusal });
}
