import type { Upstream, UpstreamResponse } from '../../upstream/upstream.ts';
import type { ProviderCall } from '../provider.ts';
import { fromFailure } from './errors.ts';
import type { Query } from './query.ts';

/** JSON:API's media type: what we accept everywhere, and what we send to `/connect` (docs/providers/bongloy.md §1). */
export const MEDIA_TYPE = 'application/vnd.api+json';

export const isSuccess = ({ status }: UpstreamResponse): boolean => status >= 200 && status < 300;

/**
 * Sends a read under a cardholder's grant. A token that is refused is renewed once, and the read repeated once. One
 * function and not several: each would be a promise more for every call.
 * @param read what the last answer says, whatever its status.
 * @throws what went wrong, in our words: see `fromFailure`.
 */
export async function exchange<T>(
  upstream: Upstream,
  call: ProviderCall,
  path: string,
  query: Query,
  read: (response: UpstreamResponse) => T,
): Promise<T> {
  const { credential, signal, onAttempt, requestId } = call;
  const send = (authorization: string): Promise<UpstreamResponse> =>
    upstream.request({
      method: 'GET',
      path,
      query,
      headers: { accept: MEDIA_TYPE, authorization },
      signal,
      onAttempt,
      requestId,
    });
  try {
    const known = credential.authorization(call);
    const authorization = typeof known === 'string' ? known : await known;
    const response = await send(authorization);
    if (response.status !== 401) return read(response);
    const renewed = await credential.renew(authorization, call);
    return read(renewed === null ? response : await send(renewed));
  } catch (error) {
    throw fromFailure(error);
  }
}
