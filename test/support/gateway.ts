import { createLogger } from '../../src/lib/logger.ts';
import { logIn } from '../../src/sandbox/login.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/start.ts';

/** What GraphQL over HTTP answered. */
export interface Answer<Data = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null | undefined;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
  /** Requests that each provider got for this operation. */
  readonly upstream: { readonly bongloy: number; readonly casso: number } | undefined;
  /** What it might have cost, in points. */
  readonly cost: { readonly requested: number; readonly calls: number; readonly limit: number } | undefined;
}

/** The whole gateway on a free port, wired to both simulators: real HTTP on every side. */
export interface Gateway extends Sandbox {
  readonly url: string;
  /** One POST to /graphql. @param token a session's or an operator's; none is anonymous. */
  ask<Data = Record<string, any>>(query: string, variables?: object, token?: string): Promise<Answer<Data>>;
  /** A session of the demo cardholder, linked to both providers. */
  logIn(): Promise<string>;
}

/** Tests ask more in a minute than people do. */
export const NO_RATE_LIMITS = {
  LOGIN_ATTEMPTS_PER_MINUTE: '0',
  REQUESTS_PER_MINUTE: '0',
  ANONYMOUS_REQUESTS_PER_MINUTE: '0',
};

/** @param options as `startSandbox`; nothing is logged unless a logger is given. */
export async function startGateway(options: Partial<SandboxOptions> = {}): Promise<Gateway> {
  const sandbox = await startSandbox({
    logger: createLogger('silent'),
    ...options,
    env: { PORT: '0', ...NO_RATE_LIMITS, ...options.env },
  });
  const { url } = sandbox.app;
  return {
    ...sandbox,
    url,
    ask: (query, variables, token) => ask(url, query, variables, token),
    logIn: () => logIn(sandbox),
  };
}

/** One POST to /graphql of the gateway at that URL. */
export async function ask<Data = Record<string, any>>(
  url: string,
  query: string,
  variables?: object,
  token?: string,
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors, extensions } = await response.json();
  const { upstream, cost } = extensions ?? {};
  return { status: response.status, headers: response.headers, data, errors, upstream, cost };
}
