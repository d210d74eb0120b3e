import { randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../lib/clock.ts';
import { MINUTE, SECOND } from '../../../lib/duration.ts';
import type { TokenResponse } from '../wire.ts';

/** Not published; the longest that RFC 6749 §4.1.2 recommends. */
const CODE_LIFE = 10 * MINUTE;

/** Who allowed what: the business, and the redirect URI that has to be shown again. */
interface Grant {
  /** The simulator's name for it. */
  readonly business: string;
  readonly redirectUri: string;
}

type Expiring<T> = T & {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
};

export interface TokensOptions {
  readonly clock: Clock;
  /** An access token's life. */
  readonly accessTokenSeconds: number;
  /** A refresh gives a new refresh token and ends the old one (§2.2: not seen, but possible). */
  readonly rotate: boolean;
  /** `expires_in` as a text. */
  readonly expiresInAsText: boolean;
}

/** Codes, access tokens and refresh tokens of OAuth 2.0 (§2.2). */
export class Tokens {
  readonly #options: TokensOptions;
  readonly #codes = new Map<string, Expiring<Grant>>();
  readonly #accessTokens = new Map<string, Expiring<Pick<Grant, 'business'>>>();
  readonly #refreshTokens = new Map<string, Grant>();

  constructor(options: TokensOptions) {
    this.#options = options;
  }

  issueCode(grant: Grant): string {
    const code = randomUUID();
    this.#codes.set(code, { ...grant, expiresAt: this.#options.clock.now() + CODE_LIFE });
    return code;
  }

  /** Whatever comes of it, the code is used up. Undefined if it is unknown, used, late, or for another redirect URI. */
  redeem(code: string, redirectUri: string): TokenResponse | undefined {
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    if (!grant || this.#isOver(grant) || grant.redirectUri !== redirectUri) return undefined;
    return this.#issue(grant, randomUUID());
  }

  /** Undefined if the token is unknown or for another redirect URI. */
  refresh(refreshToken: string, redirectUri: string): TokenResponse | undefined {
    const grant = this.#refreshTokens.get(refreshToken);
    if (grant?.redirectUri !== redirectUri) return undefined;
    if (!this.#options.rotate) return this.#issue(grant, refreshToken);
    this.#refreshTokens.delete(refreshToken);
    return this.#issue(grant, randomUUID());
  }

  /** The business of an access token that is good now. */
  businessOf(accessToken: string): string | undefined {
    const token = this.#accessTokens.get(accessToken);
    return token && !this.#isOver(token) ? token.business : undefined;
  }

  /** Ends every access token, and every refresh token too if asked. */
  expireAll(refreshTokens: boolean): void {
    this.#accessTokens.clear();
    if (refreshTokens) this.#refreshTokens.clear();
  }

  #issue({ business, redirectUri }: Grant, refreshToken: string): TokenResponse {
    const { clock, accessTokenSeconds, expiresInAsText } = this.#options;
    const accessToken = randomBytes(32).toString('base64url');
    this.#accessTokens.set(accessToken, { business, expiresAt: clock.now() + accessTokenSeconds * SECOND });
    this.#refreshTokens.set(refreshToken, { business, redirectUri });
    return {
      access_token: accessToken,
      refresh_token: refreshToken,
      expires_in: expiresInAsText ? String(accessTokenSeconds) : accessTokenSeconds,
    };
  }

  #isOver({ expiresAt }: Expiring<unknown>): boolean {
    return this.#options.clock.now() >= expiresAt;
  }
}
