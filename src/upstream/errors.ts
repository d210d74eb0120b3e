/**
 * How an upstream call fails; the kinds have different cures (retry, wait, report, fix):
 * - `no-answer`: refused, reset, DNS, TLS, or the connection broke before the whole response was there;
 * - `late`: the attempt's, the call's or the caller's time was over;
 * - `wrong-shape`: an answer that is not what the provider documents, or is larger than the limit;
 * - `breaker-open`: not even tried, as the provider kept failing;
 * - `overloaded`: not even tried, as too many calls to this provider wait already;
 * - `aborted`: the caller gave up first.
 * A bad status is no exception: it is returned, for the provider's `errors.ts` to judge.
 */
export type UpstreamFailureKind =
  | 'no-answer'
  | 'late'
  | 'wrong-shape'
  | 'breaker-open'
  | 'overloaded'
  | 'aborted';

/** The message says what happened in our words; the cause is for logs. Neither holds a body, a header or a token. */
export class UpstreamFailure extends Error {
  override readonly name = 'UpstreamFailure';
  readonly kind: UpstreamFailureKind;

  constructor(kind: UpstreamFailureKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
