import { randomBytes } from 'node:crypto';
import type { Clock } from '../../../lib/clock.ts';
import { SECOND } from '../../../lib/duration.ts';
import type { TokenResponse } from '../wire.ts';

/** `grace`: the old pair dies when the new access token is first used. `strict`: at the refresh itself (§6.4). */
export type Rotation = 'grace' | 'strict';

/** One row holds both tokens, so revoking either kills both (§6.4). */
interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly cardholder: string;
  /** The pair this one replaces once its access token has been used. */
  readonly previous: Pair | undefined;
  /** Milliseconds since the epoch. The refresh token never expires. */
  expiresAt: number;
  revoked: boolean;
}

/** The cardholder's id, or what the provider says of a token that opens nothing. */
export type Authentication = { readonly cardholder: string } | { readonly refused: string };

/** Cardholder tokens: issued, checked, rotated, revoked. Lifetimes are in seconds. */
export class Tokens {
  rotation: Rotation;
  readonly #clock: Clock;
  readonly #lifetime: number;
  readonly #pairs = new Set<Pair>();
  readonly #byToken = new Map<string, Pair>();

  constructor(clock: Clock, accessTokenSeconds: number, rotation: Rotation) {
    this.#clock = clock;
    this.#lifetime = accessTokenSeconds;
    this.rotation = rotation;
  }

  issue(cardholder: string, previous?: string): TokenResponse {
    const pair: Pair = {
      accessToken: randomToken(),
      refreshToken: randomToken(),
      cardholder,
      previous: previous === undefined ? undefined : this.#byToken.get(previous),
      expiresAt: this.#clock.now() + this.#lifetime * SECOND,
      revoked: false,
    };
    this.#pairs.add(pair);
    this.#byToken.set(pair.accessToken, pair).set(pair.refreshToken, pair);
    return {
      access_token: pair.accessToken,
      token_type: 'Bearer',
      expires_in: this.#lifetime,
      refresh_token: pair.refreshToken,
      scope: 'connect',
    };
  }

  /** Also the "first use" that ends the pair before it. */
  authenticate(accessToken: string | undefined): Authentication {
    const pair = this.#byToken.get(accessToken ?? '');
    if (!pair || pair.accessToken !== accessToken) return { refused: 'The access token is invalid' };
    if (pair.previous) pair.previous.revoked = true;
    if (pair.revoked) return { refused: 'The access token was revoked' };
    if (pair.expiresAt <= this.#clock.now()) return { refused: 'The access token expired' };
    return { cardholder: pair.cardholder };
  }

  /** A new pair, or undefined if the refresh token is unknown or revoked. */
  refresh(refreshToken: string): TokenResponse | undefined {
    const pair = this.#byToken.get(refreshToken);
    if (!pair || pair.refreshToken !== refreshToken || pair.revoked) return undefined;
    if (this.rotation === 'grace') return this.issue(pair.cardholder, refreshToken);
    pair.revoked = true;
    return this.issue(pair.cardholder);
  }

  /** Either token of a pair. Unknown ones are no error. */
  revoke(token: string): void {
    const pair = this.#byToken.get(token);
    if (pair) pair.revoked = true;
  }

  /** Revokes all pairs of one cardholder, or of everybody; tells how many. */
  revokeAll(cardholder?: string): number {
    const pairs = this.#live(cardholder);
    for (const pair of pairs) pair.revoked = true;
    return pairs.length;
  }

  /** Ends all access tokens of one cardholder, or of everybody, before their time; tells how many. */
  expireAll(cardholder?: string): number {
    const pairs = this.#live(cardholder);
    for (const pair of pairs) pair.expiresAt = this.#clock.now();
    return pairs.length;
  }

  #live(cardholder: string | undefined): Pair[] {
    return [...this.#pairs].filter(
      (pair) => !pair.revoked && (cardholder === undefined || pair.cardholder === cardholder),
    );
  }
}

function randomToken(): string {
  return randomBytes(32).toString('base64url');
}
