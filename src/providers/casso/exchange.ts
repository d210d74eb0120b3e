import { retryAfterMs } from '../../upstream/retry-after.ts';
import type { Upstream, UpstreamRequest, UpstreamResponse } from '../../upstream/upstream.ts';
import type { ProviderCall } from '../provider.ts';
import { jsonObject, wrongShape } from '../read.ts';
import type { Budget } from './budget.ts';
import { CassoRefusal, DEFAULT_WAIT } from './errors.ts';

/** The part of a request that differs from call to call. */
export interface CassoRequest {
  readonly method: UpstreamRequest['method'];
  /** Begins with `/v2/`; its segments are encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
}

/** The codes that mean, under a 2xx, what the HTTP status of the same number does (docs/providers/casso.md §3). */
const CODES_LIKE_STATUS: ReadonlySet<number> = new Set([401, 403, 404, 429]);

/**
 * Sends one call under a grant. A token that is refused is renewed once, and the call repeated once: also a POST, as
 * the provider did nothing for the refused one.
 * @returns the envelope's `data`, which may be null.
 * @throws CassoRefusal when the answer is an error; UpstreamFailure `wrong-shape` when a 2xx is no envelope; what
 *   `upstream`, the budget and the credential throw.
 */
export async function exchange(
  upstream: Upstream,
  budget: Budget | undefined,
  { credential, rank = 'ANSWER', ...caller }: ProviderCall,
  { body, ...request }: CassoRequest,
): Promise<unknown> {
  const send = async (authorization: string): Promise<unknown> => {
    if (budget) await budget.take(credential, rank, caller.signal);
    const response = await upstream.request({
      ...request,
      headers: { authorization, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      ...caller,
      // A budget counts what is really sent, and a repetition inside upstream could not wait for its turn.
      ...(budget && { retry: 'never' }),
    });
    try {
      return envelopeData(response);
    } catch (error) {
      if (isTooMany(error)) await budget?.refused(credential, error.retryAfterMs ?? DEFAULT_WAIT);
      throw error;
    }
  };
  const known = credential.authorization(caller);
  const authorization = typeof known === 'string' ? known : await known;
  try {
    return await send(authorization);
  } catch (error) {
    if (!(error instanceof CassoRefusal && error.status === 401)) throw error;
    const renewed = await credential.renew(authorization, caller);
    if (renewed === null) throw error;
    return send(renewed);
  }
}

const isTooMany = (error: unknown): error is CassoRefusal =>
  error instanceof CassoRefusal && error.status === 429;

/** Status first, then the envelope's code (docs/providers/casso.md §3). */
function envelopeData({ status, headers, body }: UpstreamResponse): unknown {
  const envelope = jsonObject(body);
  const code = typeof envelope?.['error'] === 'number' ? envelope['error'] : null;
  if (status >= 400) throw new CassoRefusal(status, code, retryAfterMs(headers));
  if (status < 200 || status >= 300 || code === null)
    return wrongShape(`status ${status} without an envelope`);
  if (code !== 0)
    throw new CassoRefusal(CODES_LIKE_STATUS.has(code) ? code : 400, code, retryAfterMs(headers));
  return envelope?.['data'] ?? null;
}
