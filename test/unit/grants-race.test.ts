import { describe, expect, test } from 'vitest';
import { invalidGrant } from '../../src/domain/errors.ts';
import { MINUTE } from '../../src/lib/duration.ts';
import { linkedProviders } from '../../src/sessions/session.ts';
import {
  grantsOf,
  linkBongloy,
  newTokens,
  OVER,
  pendingRefresh,
  signal,
  unlinked,
} from './grants-support.ts';
import { callWith, type Rotation, TokenServer } from './grants-token-server.ts';
import { createWorld } from './session-support.ts';

describe('a late answer', () => {
  test('never overwrites what another process stored meanwhile', async () => {
    const world = createWorld();
    const pending = pendingRefresh();
    const slow = await linkBongloy(pending.refresh, world);
    const other = world.startProcess();
    const fast = grantsOf(other, world.clock, {
      refresh: async () => ({ ...newTokens, accessToken: 'newer' }),
    });
    world.clock.advance(OVER);
    const late = slow.credential.authorization({ signal });
    await pending.begun;
    // The claim of the slow one is over by now.
    world.clock.advance(MINUTE);
    expect(await fast.credential(slow.session, 'BONGLOY')?.authorization({ signal })).toBe('Bearer newer');
    pending.answer(newTokens);
    expect(await late).toBe('Bearer newer');
    expect(await slow.stored()).toMatchObject({ tokens: { accessToken: 'newer' }, refreshing: null });
  });

  test('that refuses the old pair does not unlink the newer one', async () => {
    const world = createWorld();
    const pending = pendingRefresh();
    const slow = await linkBongloy(pending.refresh, world);
    const fast = grantsOf(world.startProcess(), world.clock, { refresh: async () => newTokens });
    world.clock.advance(OVER);
    const late = slow.credential.authorization({ signal });
    await pending.begun;
    world.clock.advance(MINUTE);
    await fast.credential(slow.session, 'BONGLOY')?.authorization({ signal });
    pending.fail(invalidGrant('BONGLOY'));
    expect(await late).toBe('Bearer new');
  });

  test('brings neither an ended session nor an unlinked grant back', async () => {
    for (const act of ['end', 'unlink'] as const) {
      const pending = pendingRefresh();
      const { credential, clock, sessions, session, stored } = await linkBongloy(pending.refresh);
      clock.advance(OVER);
      const late = credential.authorization({ signal });
      await pending.begun;
      await sessions[act](session, 'BONGLOY');
      pending.answer(newTokens);
      await expect(late).rejects.toMatchObject(unlinked);
      expect(await stored()).toBeUndefined();
    }
  });
});

/** The provider has refreshed, the answer is lost with the process, and its claim is still in the row. */
async function killed(rotation: Rotation) {
  const { clock, startProcess } = createWorld();
  const server = new TokenServer(rotation, clock);
  const { sessions } = startProcess();
  const { session } = await sessions.start('BONGLOY', server.login());
  const grant = session.grants.BONGLOY;
  if (grant?.kind !== 'oauth') throw new Error('a login gives tokens');
  clock.advance(OVER);
  await sessions.changeGrant(session.id, 'BONGLOY', () => ({
    ...grant,
    refreshing: { by: 'the killed one', until: clock.now() + 5 },
  }));
  await server.refresh(grant.tokens.refreshToken ?? '');
  // The claim ends by the clock, which here moves only when it is looked at.
  const ticking = { ...clock, now: () => (clock.advance(1), clock.now()) };
  const survivor = grantsOf(startProcess(), ticking, server);
  return { server, credential: survivor.credential(session, 'BONGLOY'), sessions, session };
}

describe('a process that is killed between the refresh and its storing', () => {
  test.each(['first-use', 'none'] as const)('loses nothing with rotation %s', async (rotation) => {
    const { server, credential } = await killed(rotation);
    expect(await callWith(credential, server)).toBe(200);
    expect(server.refreshes).toBe(2);
  });

  test('costs the viewer a new login with immediate rotation, and the session stays', async () => {
    const { server, credential, sessions, session } = await killed('immediate');
    await expect(callWith(credential, server)).rejects.toMatchObject(unlinked);
    const left = await sessions.changeGrant(session.id, 'BONGLOY', (grant) => grant);
    expect(left && linkedProviders(left)).toEqual([]);
  });
});
