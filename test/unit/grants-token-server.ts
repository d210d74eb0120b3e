import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { invalidGrant } from '../../src/domain/errors.ts';
import { HOUR } from '../../src/lib/duration.ts';
import type { Credential, TokenGrant } from '../../src/providers/provider.ts';
import type { NewGrant } from '../../src/sessions/grant.ts';
import type { TestClock } from './session-support.ts';

/**
 * What a refresh does to the pair before: `first-use`: it holds until the new access token is used; `immediate`: it is
 * dead at once (docs/providers/bongloy.md §6.4); `none`: the refresh token stays, the old access token too (Casso).
 */
export const ROTATIONS = ['first-use', 'immediate', 'none'] as const;
export type Rotation = (typeof ROTATIONS)[number];

interface Pair {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly previous: Pair | null;
  isRevoked: boolean;
  hasExpired: boolean;
}

/** A provider: its token endpoint, and its API as far as telling who may call. Every answer takes a while. */
export class TokenServer {
  readonly rotation: Rotation;
  readonly clock: TestClock;
  readonly pairs: Pair[] = [];
  /** Refreshes that were answered with a new pair. */
  refreshes = 0;
  /** Awaited between the refresh at the server and the answer's arrival. */
  beforeAnswer = async (): Promise<void> => undefined;

  constructor(rotation: Rotation, clock: TestClock) {
    this.rotation = rotation;
    this.clock = clock;
  }

  /** A login's outcome. */
  login(): NewGrant {
    return { kind: 'oauth', tokens: this.#issue(randomUUID(), null) };
  }

  async refresh(refreshToken: string): Promise<TokenGrant> {
    await someTime();
    const pair = this.pairs.findLast((candidate) => candidate.refreshToken === refreshToken);
    if (!pair || pair.isRevoked) throw invalidGrant('BONGLOY');
    this.refreshes += 1;
    if (this.rotation === 'immediate') pair.isRevoked = true;
    const tokens =
      this.rotation === 'none' ? this.#issue(refreshToken, null) : this.#issue(randomUUID(), pair);
    await this.beforeAnswer();
    await someTime();
    return this.rotation === 'none' ? { ...tokens, refreshToken: null } : tokens;
  }

  /** An API call. @returns the status */
  async call(authorization: string): Promise<200 | 401> {
    await someTime();
    const pair = this.pairs.find(({ accessToken }) => `Bearer ${accessToken}` === authorization);
    if (!pair || pair.isRevoked || pair.hasExpired) return 401;
    if (pair.previous) pair.previous.isRevoked = true;
    return 200;
  }

  /** From now on every access token so far is refused, whatever lifetime was promised. */
  expireAccessTokens(): void {
    for (const pair of this.pairs) pair.hasExpired = true;
  }

  #issue(refreshToken: string, previous: Pair | null): TokenGrant {
    const pair = { accessToken: randomUUID(), refreshToken, previous, isRevoked: false, hasExpired: false };
    this.pairs.push(pair);
    return { accessToken: pair.accessToken, refreshToken, expiresAt: this.clock.now() + 2 * HOUR };
  }
}

/** A few turns of the event loop, a random number of them, so that answers overtake each other. */
async function someTime(): Promise<void> {
  for (let turns = Math.ceil(Math.random() * 5); turns > 0; turns -= 1) await setImmediate();
}

/** Calls as a provider's client does: once, and once more with a renewed authorization after a 401. */
export async function callWith(credential: Credential | null, server: TokenServer): Promise<number> {
  if (!credential) throw new Error('not linked');
  const { signal } = new AbortController();
  const authorization = await credential.authorization({ signal });
  const status = await server.call(authorization);
  const renewed = status === 401 ? await credential.renew(authorization, { signal }) : null;
  return renewed ? server.call(renewed) : status;
}
