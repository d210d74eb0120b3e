import type { Upstream, UpstreamResponse } from '../../upstream/upstream.ts';
import type { ProviderCall } from '../provider.ts';
import type { Query } from './query.ts';

/** JSON:API's media type: what we accept everywhere, and what we send to `/connect` (providers/bongloy.md §1). */
export const MEDIA_TYPE = 'application/vnd.api+json';

export const isSuccess = ({ status }: UpstreamResponse): boolean => status >= 200 && status < 300;

/**
 * Sends a read under a cardholder's grant. A token that is refused is renewed once, and the read repeated once.
 * @returns the last answer, whatever its status.
 * @throws what `upstream` and the credential throw.
 */
export async function exchange(
  upstream: Upstream,
  { credential, ...caller }: ProviderCall,
  path: string,
  query: Query,
): Promise<UpstreamResponse> {
  const send = (authorization: string): Promise<UpstreamResponse> =>
    upstream.request({
      method: 'GET',
      path,
      query,
      headers: { accept: MEDIA_TYPE, authorization },
      ...caller,
    });
  const authorization = await credential.authorization(caller);
  const response = await send(authorization);
  if (response.status !== 401) return response;
  const renewed = await credential.renew(authorization, caller);
  return renewed === null ? response : send(renewed);
}
