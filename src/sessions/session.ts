import { PROVIDERS, type Provider } from '../domain/provider.ts';
import type { Grant } from './grant.ts';

/** What a viewer has linked, as it stood when it was read. Holds secrets: never logged, never sent. */
export interface Session {
  /** Names the session without being its token: safe as a key, and in logs. */
  readonly id: string;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  /** The earlier of the idle and the absolute end. */
  readonly expiresAt: number;
  readonly grants: Grants;
}

export type Grants = Readonly<Partial<Record<Provider, Grant>>>;

export const linkedProviders = (session: Session): Provider[] =>
  PROVIDERS.filter((provider) => session.grants[provider]);

/** What a session's sealed text is bound to, so that it opens in its own row alone. */
export const sessionBinding = (id: string): string => `session:${id}`;
