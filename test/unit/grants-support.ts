import { HOUR } from '../../src/lib/duration.ts';
import type { TokenGrant } from '../../src/providers/provider.ts';
import { createGrants, type Grants } from '../../src/sessions/grants.ts';
import type { Caller } from '../../src/upstream/upstream.ts';
import {
  createWorld,
  oauthGrant,
  START,
  silent,
  type TestClock,
  type TestProcess,
  type World,
} from './session-support.ts';

/** Time after a login after which its access token is due for a refresh, but has not ended. */
export const ALMOST_OVER = 2 * HOUR - 30_000;
export const OVER = 2 * HOUR;

export const newTokens: TokenGrant = {
  accessToken: 'new',
  refreshToken: 'new-refresh',
  expiresAt: START + 9 * HOUR,
};

/** What a credential throws when its grant is gone. */
export const unlinked = { code: 'UNAUTHENTICATED', details: { provider: 'BONGLOY' } };

/** Of a caller who waits as long as it takes. */
export const { signal } = new AbortController();

export type Refresh = (refreshToken: string, caller: Caller) => Promise<TokenGrant>;

export const grantsOf = (
  { sessions }: TestProcess,
  clock: TestClock,
  server: { readonly refresh: Refresh },
): Grants => createGrants({ sessions, bongloyOAuth: server, cassoOAuth: null, clock, logger: silent });

/** A session that has linked Bongloy with the pair old, old-refresh; and its credential. */
export async function linkBongloy(
  refresh: Refresh,
  world: World = createWorld(),
  grant = oauthGrant('old', 'old-refresh', START + OVER),
) {
  const process = world.startProcess();
  const asked: string[] = [];
  const grants = grantsOf(process, world.clock, {
    refresh(refreshToken, caller) {
      asked.push(refreshToken);
      return refresh(refreshToken, caller);
    },
  });
  const { token, session } = await process.sessions.start('BONGLOY', grant);
  const credential = grants.credential(session, 'BONGLOY');
  if (!credential) throw new Error('Bongloy is linked');
  const stored = async () => (await world.startProcess().sessions.get(session.id))?.grants.BONGLOY;
  return { ...world, ...process, grants, asked, token, session, credential, stored };
}

/** A refresh that begins, and is answered when the test wants. */
export function pendingRefresh() {
  let answer!: (tokens: TokenGrant) => void;
  let fail!: (error: Error) => void;
  let begin!: (caller: Caller) => void;
  const answered = new Promise<TokenGrant>((resolve, reject) => {
    answer = resolve;
    fail = reject;
  });
  const begun = new Promise<Caller>((resolve) => {
    begin = resolve;
  });
  const refresh: Refresh = (_, caller) => {
    begin(caller);
    return answered;
  };
  return { refresh, begun, answer, fail };
}
