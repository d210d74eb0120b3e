import { useSyncExternalStore } from 'react';

/**
 * The session's token, in sessionStorage: it outlives a reload and the way to the bank's page and back, belongs to this
 * tab alone, and goes with it. A script that gets into the page could read it there as in memory, so the defence is to
 * let none in (a strict Content-Security-Policy); what it opens ends with the session, and is no provider's token.
 */
const KEY = 'mekong.session';
const listeners = new Set<() => void>();

function keep(token: string | null): void {
  if (token === null) sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, token);
  for (const listener of listeners) listener();
}

export const session = {
  begin: (token: string): void => keep(token),
  end: (): void => keep(null),
  token: (): string | null => sessionStorage.getItem(KEY),
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** @returns null when nobody is logged in. */
export const useToken = (): string | null => useSyncExternalStore(subscribe, session.token);
