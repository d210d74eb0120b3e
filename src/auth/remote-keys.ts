import { createRemoteJWKSet, customFetch } from 'jose';
import { SECOND } from '../lib/duration.ts';
import { fetchThrough, type ProxySettings } from '../upstream/proxy.ts';

const CONNECT_WITHIN = 5 * SECOND;

/** The keys of an identity provider, read again when they are old or one is unknown. @param proxy null: straight. */
export function remoteKeys(address: string, proxy: ProxySettings | null) {
  const url = new URL(address);
  if (!proxy) return createRemoteJWKSet(url);
  const limits = { connect: { timeout: CONNECT_WITHIN } };
  return createRemoteJWKSet(url, { [customFetch]: fetchThrough(proxy, url.origin, limits) });
}
