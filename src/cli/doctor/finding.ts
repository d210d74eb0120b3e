import { GatewayError } from '../../domain/errors.ts';

/** What one look found. */
export interface Finding {
  /** What was looked at, a word or two. */
  readonly about: string;
  /** `skip`: it could not be looked at, or is off on purpose. Only `fail` makes the command fail. */
  readonly status: 'ok' | 'warn' | 'fail' | 'skip';
  /** What is the case, one sentence. */
  readonly says: string;
  /** What to do about it; with every `warn` and `fail`. */
  readonly cure?: string;
}

export const ok = (about: string, says: string): Finding => ({ about, status: 'ok', says });
export const skip = (about: string, says: string): Finding => ({ about, status: 'skip', says });
export const warn = (about: string, says: string, cure: string): Finding => ({
  about,
  status: 'warn',
  says,
  cure,
});
export const fail = (about: string, says: string, cure: string): Finding => ({
  about,
  status: 'fail',
  says,
  cure,
});

/** Our own words for what went wrong; never a provider's text. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no reason was given';
  return error.cause instanceof Error ? error.cause.message : error.message;
};

/** No usable answer, as opposed to a refusal. */
export const isAway = ({ code }: GatewayError): boolean =>
  code === 'UPSTREAM_UNAVAILABLE' || code === 'UPSTREAM_TIMEOUT';

/** How a call that must not succeed was refused. @throws Error when it did succeed. */
export async function refusal(call: Promise<unknown>): Promise<GatewayError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error('what is no credential was taken for one');
}
