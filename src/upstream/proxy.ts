import { type Dispatcher, EnvHttpProxyAgent, fetch, Pool } from 'undici';

/** A proxy that calls leave through, as the usual variables name it. */
export interface ProxySettings {
  /** For https:// addresses, and for http:// ones; each may hold a user and a password. */
  readonly httpsProxy?: string | undefined;
  readonly httpProxy?: string | undefined;
  /** Comma list of hosts that are called directly, their subdomains among them; `*` is all. */
  readonly noProxy?: string | undefined;
}

/** Of each connection pool. */
export type PoolLimits = Pool.Options & { readonly connect: { readonly timeout: number } };

/** What sends to one origin: straight, or through the proxy where the settings say so. The limits are kept either way. */
export function createDispatcher(
  origin: string,
  limits: PoolLimits,
  proxy: ProxySettings | null,
): Dispatcher {
  if (!proxy) return new Pool(origin, limits);
  const { timeout } = limits.connect;
  return new EnvHttpProxyAgent({
    ...limits,
    // Given in any case, so that the agent does not read the environment, which was read once.
    httpProxy: proxy.httpProxy ?? '',
    httpsProxy: proxy.httpsProxy ?? '',
    noProxy: proxy.noProxy ?? '',
    proxyTls: { timeout },
    requestTls: { timeout },
    // A proxy that takes the connection and never answers would hold a place in the pool for minutes.
    clientFactory: (address, options) => new Pool(address, { ...options, headersTimeout: timeout }),
  });
}

/** The platform's `fetch` for one origin, through the proxy. */
export function fetchThrough(
  proxy: ProxySettings,
  origin: string,
  limits: PoolLimits,
): typeof globalThis.fetch {
  const dispatcher = createDispatcher(origin, limits, proxy);
  // The platform's is undici's too; their types differ in details.
  const send = fetch as unknown as typeof globalThis.fetch;
  return (from, options) => send(from, { ...options, dispatcher } as RequestInit);
}
