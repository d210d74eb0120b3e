import { describe, expect, test, vi } from 'vitest';
import { invalidGrant, upstreamUnavailable } from '../../src/domain/errors.ts';
import { createGrants } from '../../src/sessions/grants.ts';
import { linkedProviders } from '../../src/sessions/session.ts';
import {
  ALMOST_OVER,
  linkBongloy,
  newTokens,
  OVER,
  pendingRefresh,
  type Refresh,
  signal,
  unlinked,
} from './grants-support.ts';
import { apiKeyGrant, createWorld, oauthGrant, START, silent } from './session-support.ts';

const down = upstreamUnavailable('BONGLOY');

describe('a grant that the provider refuses', () => {
  test('is unlinked, and the other provider stays', async () => {
    const { credential, sessions, session, clock } = await linkBongloy(() =>
      Promise.reject(invalidGrant('BONGLOY')),
    );
    await sessions.link(session, 'CASSO', apiKeyGrant());
    clock.advance(OVER);
    await expect(credential.authorization({ signal })).rejects.toMatchObject(unlinked);
    const left = await sessions.get(session.id);
    expect(left && linkedProviders(left)).toEqual(['CASSO']);
  });

  test('is unlinked also while its access token would have held', async () => {
    const { credential, clock } = await linkBongloy(() => Promise.reject(invalidGrant('BONGLOY')));
    clock.advance(ALMOST_OVER);
    await expect(credential.authorization({ signal })).rejects.toMatchObject(unlinked);
  });

  test('without a refresh token lasts as long as its access token, then is unlinked', async () => {
    const grant = oauthGrant('only', null, START + OVER);
    const { credential, stored, clock } = await linkBongloy(async () => newTokens, createWorld(), grant);
    clock.advance(OVER - 1);
    expect(await credential.authorization({ signal })).toBe('Bearer only');
    expect(await credential.renew('Bearer only', { signal })).toBeNull();
    clock.advance(1);
    await expect(credential.authorization({ signal })).rejects.toMatchObject(unlinked);
    expect(await stored()).toBeUndefined();
  });
});

describe('while the provider is down', () => {
  test('an access token that still holds is used', async () => {
    const { credential, clock } = await linkBongloy(() => Promise.reject(down));
    clock.advance(ALMOST_OVER);
    expect(await credential.authorization({ signal })).toBe('Bearer old');
  });

  test("an ended one fails with the provider's error, keeps its grant, and works again afterwards", async () => {
    let refresh: Refresh = () => Promise.reject(down);
    const { credential, clock, asked } = await linkBongloy((...request) => refresh(...request));
    clock.advance(OVER);
    await expect(credential.authorization({ signal })).rejects.toBe(down);
    await expect(credential.renew('Bearer old', { signal })).rejects.toBe(down);
    refresh = async () => newTokens;
    expect(await credential.authorization({ signal })).toBe('Bearer new');
    expect(asked).toHaveLength(3);
  });

  test('or switched off here, an ended token says so', async () => {
    const { sessions, clock, session } = await linkBongloy(async () => newTokens);
    const grants = createGrants({ sessions, bongloyOAuth: null, cassoOAuth: null, clock, logger: silent });
    clock.advance(OVER);
    await expect(grants.credential(session, 'BONGLOY')?.authorization({ signal })).rejects.toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
    });
  });
});

describe('a caller that gives up', () => {
  test('stops waiting at once, and takes nothing from those who wait on', async () => {
    const pending = pendingRefresh();
    const { credential, clock } = await linkBongloy(pending.refresh);
    clock.advance(OVER);
    const caller = new AbortController();
    const gone = credential.authorization({ signal: caller.signal });
    const waiting = credential.authorization({ signal });
    const refreshing = await pending.begun;
    caller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    await expect(credential.authorization({ signal: caller.signal })).rejects.toThrow('gone');
    expect(refreshing.signal.aborted).toBe(false);
    pending.answer(newTokens);
    expect(await waiting).toBe('Bearer new');
  });

  test('is not given the token that still holds instead', async () => {
    const pending = pendingRefresh();
    const { credential, clock } = await linkBongloy(pending.refresh);
    clock.advance(ALMOST_OVER);
    const caller = new AbortController();
    const gone = credential.authorization({ signal: caller.signal });
    await pending.begun;
    caller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    pending.answer(newTokens);
    expect(await credential.authorization({ signal })).toBe('Bearer new');
  });

  test('leaves a refresh whose failure troubles nobody', async () => {
    const pending = pendingRefresh();
    const { credential, clock, asked, stored } = await linkBongloy(pending.refresh);
    clock.advance(OVER);
    await expect(credential.authorization({ signal: AbortSignal.abort(new Error('gone')) })).rejects.toThrow(
      'gone',
    );
    await pending.begun;
    pending.fail(down);
    // Nobody waits for it: a rejection that is not handled would fail this run.
    await vi.waitFor(async () => expect(await stored()).toMatchObject({ refreshing: null }));
    expect(asked).toHaveLength(1);
  });

  test('leaves a refresh that is stored all the same', async () => {
    const pending = pendingRefresh();
    const { credential, clock, asked } = await linkBongloy(pending.refresh);
    clock.advance(OVER);
    const caller = new AbortController();
    const gone = credential.authorization({ signal: caller.signal });
    await pending.begun;
    caller.abort(new Error('gone'));
    await expect(gone).rejects.toThrow('gone');
    pending.answer(newTokens);
    expect(await credential.authorization({ signal })).toBe('Bearer new');
    expect(asked).toHaveLength(1);
  });
});
