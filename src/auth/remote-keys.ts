import { createRemoteJWKSet, customFetch } from 'jose';
import { fetch } from 'undici';
import { SECOND } from '../lib/duration.ts';
import { createDispatcher, type ProxySettings } from '../upstream/proxy.ts';

const CONNECT_WITHIN = 5 * SECOND;

/** The keys of an identity provider, read again when they are old or one is unknown. @param proxy null: straight. */
export function remoteKeys(address: string, proxy: ProxySettings | null) {
  const url = new URL(address);
  if (!proxy) return createRemoteJWKSet(url);
  const dispatcher = createDispatcher(url.origin, { connect: { timeout: CONNECT_WITHIN } }, proxy);
  return createRemoteJWKSet(url, {
    // undici's answer is what the platform's is; their types differ in details that jose does not use.
    [customFetch]: (from, { headers, ...options }) =>
      fetch(from, { ...options, headers: [...headers], dispatcher }) as unknown as Promise<Response>,
  });
}
