import { describe, expect, test } from 'vitest';
import { MINUTE } from '../../src/lib/duration.ts';
import { createGrants } from '../../src/sessions/grants.ts';
import type { SessionStore } from '../../src/sessions/store.ts';
import { linkBongloy, newTokens, OVER, signal, unlinked } from './grants-support.ts';
import { apiKeyGrant, counted, createWorld, oauthGrant, START, silent } from './session-support.ts';

describe('a credential', () => {
  test('is absent for a provider that is not linked', async () => {
    const { grants, session } = await linkBongloy(async () => newTokens);
    expect(grants.credential(session, 'CASSO')).toBeNull();
  });

  test('of an API key presents the key, and after a refusal has nothing better: the provider is unlinked', async () => {
    const { sessions, grants } = await linkBongloy(async () => newTokens);
    const { session } = await sessions.start('CASSO', apiKeyGrant('AK_CS.1'));
    const credential = grants.credential(session, 'CASSO');
    expect(credential).toMatchObject({ provider: 'CASSO', id: session.grants.CASSO?.id });
    expect(await credential?.authorization({ signal })).toBe('Apikey AK_CS.1');
    await grants.refreshNow(session, 'CASSO', { signal });
    expect(await credential?.renew('Apikey AK_CS.1', { signal })).toBeNull();
    expect((await sessions.get(session.id))?.grants.CASSO).toBeUndefined();
  });

  test('keeps its name through a refresh, and its name shows no token', async () => {
    const { credential, grants, session, sessions, clock } = await linkBongloy(async () => newTokens);
    clock.advance(OVER);
    expect(await credential.authorization({ signal })).toBe('Bearer new');
    const later = grants.credential((await sessions.get(session.id)) ?? session, 'BONGLOY');
    expect(later?.id).toBe(credential.id);
    expect(credential.id).not.toMatch(/old|new/);
  });

  test('ends with its grant: unlinked, replaced, or logged out', async () => {
    const { credential, session, sessions, grants } = await linkBongloy(async () => newTokens);
    await sessions.link(session, 'BONGLOY', oauthGrant('other', 'other-refresh'));
    await expect(credential.authorization({ signal })).rejects.toMatchObject(unlinked);
    await expect(credential.renew('Bearer old', { signal })).rejects.toMatchObject(unlinked);
    const next = grants.credential((await sessions.get(session.id)) ?? session, 'BONGLOY');
    expect(await next?.authorization({ signal })).toBe('Bearer other');
    await sessions.end(session);
    await expect(next?.authorization({ signal })).rejects.toMatchObject(unlinked);
  });
});

describe('a refresh', () => {
  test('comes a minute before the token ends, and not earlier', async () => {
    const { credential, clock, asked } = await linkBongloy(async () => newTokens);
    clock.advance(OVER - MINUTE - 1);
    expect(await credential.authorization({ signal })).toBe('Bearer old');
    expect(asked).toEqual([]);
    clock.advance(1);
    expect(await credential.authorization({ signal })).toBe('Bearer new');
    expect(asked).toEqual(['old-refresh']);
  });

  test('goes by the id of the request that began it', async () => {
    const ids: (string | undefined)[] = [];
    const { credential, clock } = await linkBongloy(async (_, { requestId }) => {
      ids.push(requestId);
      return newTokens;
    });
    clock.advance(OVER);
    await Promise.all(
      ['first', 'second'].map(async (requestId) => credential.authorization({ signal, requestId })),
    );
    expect(ids).toEqual(['first']);
  });

  test('is stored before anybody uses what it brought', async () => {
    const { credential, clock, stored } = await linkBongloy(async () => newTokens);
    clock.advance(OVER);
    const [authorization, grant] = await Promise.all([
      credential.authorization({ signal }),
      Promise.resolve(credential.authorization({ signal })).then(stored),
    ]);
    expect(authorization).toBe('Bearer new');
    expect(grant).toMatchObject({ tokens: newTokens, refreshing: null });
  });

  test('keeps the old refresh token when no new one comes', async () => {
    const { credential, clock, stored } = await linkBongloy(async () => ({
      ...newTokens,
      refreshToken: null,
    }));
    clock.advance(OVER);
    await credential.authorization({ signal });
    expect(await stored()).toMatchObject({ tokens: { accessToken: 'new', refreshToken: 'old-refresh' } });
  });

  test('is not repeated for a call that was refused with a token from before', async () => {
    const { credential, clock, asked } = await linkBongloy(async () => newTokens);
    clock.advance(OVER);
    await credential.authorization({ signal });
    expect(await credential.renew('Bearer old', { signal })).toBe('Bearer new');
    expect(asked).toHaveLength(1);
  });

  test('costs the store as much for twenty calls as for one', async () => {
    const reads = await Promise.all(
      [1, 20].map(async (calls) => {
        const { counts, wrap } = counted();
        const world = createWorld();
        const { credential, clock, session, sessions } = await linkBongloy(async () => newTokens, {
          ...world,
          startProcess: () => world.startProcess(wrap),
        });
        clock.advance(OVER - MINUTE);
        await sessions.refreshLifetime(session);
        await sessions.get(session.id);
        counts.get = 0;
        await Promise.all(Array.from({ length: calls }, async () => credential.authorization({ signal })));
        return counts.get;
      }),
    );
    expect(reads[1]).toBe(reads[0]);
  });

  test('comes at once when it is asked for', async () => {
    const { grants, session, credential, asked } = await linkBongloy(async () => newTokens);
    await grants.refreshNow(session, 'BONGLOY', { signal });
    expect(await credential.authorization({ signal })).toBe('Bearer new');
    expect(asked).toHaveLength(1);
    await expect(grants.refreshNow(session, 'CASSO', { signal })).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      details: { provider: 'CASSO' },
    });
  });

  test('of Casso sends the redirect URI of the authorization', async () => {
    const { sessions, clock } = await linkBongloy(async () => newTokens);
    const asked: unknown[] = [];
    const cassoOAuth = {
      async refresh(request: { readonly refreshToken: string; readonly redirectUri: string }) {
        asked.push(request);
        return newTokens;
      },
    };
    const grants = createGrants({ sessions, bongloyOAuth: null, cassoOAuth, clock, logger: silent });
    const { session } = await sessions.start('CASSO', {
      ...oauthGrant('old', 'old-refresh', START),
      redirectUri: 'https://shop.example/callback',
    });
    expect(await grants.credential(session, 'CASSO')?.authorization({ signal })).toBe('Bearer new');
    expect(asked).toEqual([{ refreshToken: 'old-refresh', redirectUri: 'https://shop.example/callback' }]);
  });

  test('that the store fails to keep at first is kept by repeating, not lost', async () => {
    let failures = 0;
    const world = createWorld();
    const failing = {
      ...world,
      startProcess: (wrap?: (store: SessionStore) => SessionStore) =>
        world.startProcess((store) => ({
          ...(wrap?.(store) ?? store),
          replace(row, version) {
            if (failures === 0) return store.replace(row, version);
            failures -= 1;
            return Promise.reject(new Error('no leader'));
          },
        })),
    };
    const { credential, clock, asked } = await linkBongloy(async () => {
      failures = 3;
      return newTokens;
    }, failing);
    clock.advance(OVER);
    expect(await credential.authorization({ signal })).toBe('Bearer new');
    expect(failures).toBe(0);
    expect(asked).toHaveLength(1);
  });
});
