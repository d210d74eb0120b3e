import type { Signal } from '../lib/abort.ts';

/** How any provider's REST API is called: this is what a provider's client sees of `upstream`. */
export interface Upstream {
  /**
   * Sends one request and answers with whatever status came, within the call's deadline. Retries (see `retry`),
   * the breaker and the concurrency limit are inside.
   * @throws UpstreamFailure when no complete answer came.
   */
  request(request: UpstreamRequest): Promise<UpstreamResponse>;
  /** Ends the connection pool; requests under way fail with `no-answer`. */
  close(): Promise<void>;
}

/** On whose behalf a request is sent: how long they wait, who counts, and what they call it. */
export interface Caller {
  /** The caller's abort; a call that it ends fails with `aborted`. */
  readonly signal: Signal;
  /** Called once for each HTTP request that is really sent, just before it. */
  readonly onAttempt?: (() => void) | undefined;
  /** Sent along as `X-Request-Id` (see `lib/request-id.ts`). */
  readonly requestId?: string | undefined;
}

export interface UpstreamRequest extends Caller {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Begins with `/`; put after the base URL. Path segments are already encoded. */
  readonly path: string;
  /** Keys and values unencoded; sent in the order given. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /**
   * `safe` (default for GET): repeated with jitter on no answer, 502, 503, 504 and 429, where `Retry-After` beats our
   * own delay, as long as the deadline allows. `never` (default for the rest): sent once.
   */
  readonly retry?: 'safe' | 'never';
}

export interface UpstreamResponse {
  readonly status: number;
  /** Names in lower case; of a repeated header the first value. */
  readonly headers: Readonly<Record<string, string>>;
  /** The whole body as text, at most the size limit. */
  readonly body: string;
}

/** How a call or an attempt ended. */
export type Outcome = { readonly response: UpstreamResponse } | { readonly error: unknown };
