import { expect, test } from 'vitest';
import { MINUTE } from '../../src/lib/duration.ts';
import { createAuthorization } from '../../src/sessions/authorization.ts';
import { createWorld } from './session-support.ts';

const redirectUri = 'https://shop.example/callback';
const invalid = expect.objectContaining({
  code: 'INVALID_STATE',
  message: 'This authorization can no longer be completed. Start it again.',
});

function setUp() {
  const { clock, sealer, startProcess } = createWorld();
  const [here, elsewhere] = [startProcess(), startProcess()].map(({ store }) =>
    createAuthorization({ store, sealer, clock }),
  );
  if (!here || !elsewhere) throw new Error('two processes are needed');
  return { clock, sealer, here, elsewhere };
}

test('a state gives back its redirect URI, once', async () => {
  const { clock, here } = setUp();
  const { state, expiresAt } = await here.issue({ provider: 'CASSO', redirectUri, sessionId: null });
  expect(expiresAt).toBe(clock.now() + 10 * MINUTE);
  const by = { provider: 'CASSO', sessionId: null } as const;
  expect(await here.redeem(state, by)).toEqual({ redirectUri });
  await expect(here.redeem(state, by)).rejects.toEqual(invalid);
});

test('of many that redeem one state at once, in two processes, one succeeds', async () => {
  const { here, elsewhere } = setUp();
  const { state } = await here.issue({ provider: 'CASSO', redirectUri, sessionId: 'one' });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, n) =>
      (n % 2 ? here : elsewhere).redeem(state, { provider: 'CASSO', sessionId: 'one' }),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('another provider, another session, and no session are refused, and use nothing up', async () => {
  const { here } = setUp();
  const { state } = await here.issue({ provider: 'CASSO', redirectUri, sessionId: 'one' });
  await expect(here.redeem(state, { provider: 'BONGLOY', sessionId: 'one' })).rejects.toEqual(invalid);
  await expect(here.redeem(state, { provider: 'CASSO', sessionId: 'two' })).rejects.toEqual(invalid);
  await expect(here.redeem(state, { provider: 'CASSO', sessionId: null })).rejects.toEqual(invalid);
  expect(await here.redeem(state, { provider: 'CASSO', sessionId: 'one' })).toEqual({ redirectUri });
});

test('a state that began without a session is refused to a session', async () => {
  const { here } = setUp();
  const { state } = await here.issue({ provider: 'CASSO', redirectUri, sessionId: null });
  await expect(here.redeem(state, { provider: 'CASSO', sessionId: 'one' })).rejects.toEqual(invalid);
});

test('a state is good for ten minutes, also after used ones were cleared away', async () => {
  const { clock, here } = setUp();
  const by = { provider: 'CASSO', sessionId: null } as const;
  const first = await here.issue({ provider: 'CASSO', redirectUri, sessionId: null });
  const second = await here.issue({ provider: 'CASSO', redirectUri, sessionId: null });
  clock.advance(10 * MINUTE - 1);
  expect(await here.redeem(first.state, by)).toEqual({ redirectUri });
  clock.advance(1);
  await expect(here.redeem(second.state, by)).rejects.toEqual(invalid);
});

test('a made-up state, and a sealed value of another kind, are refused', async () => {
  const { here, sealer } = setUp();
  const by = { provider: 'CASSO', sessionId: null } as const;
  await expect(here.redeem('made-up', by)).rejects.toEqual(invalid);
  const session = await sealer.seal('session:one', { redirectUri, sessionId: null, expiresAt: Infinity });
  await expect(here.redeem(session, by)).rejects.toEqual(invalid);
});
