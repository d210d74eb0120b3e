import { expect, test } from 'vitest';
import { resealAll } from '../../src/sessions/reseal.ts';
import { createSealer } from '../../src/sessions/sealing.ts';
import { sessionBinding } from '../../src/sessions/session.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import type { SessionStore } from '../../src/sessions/store.ts';
import { apiKeyGrant, createWorld, randomKey, silent } from './session-support.ts';

const [oldKey, newKey] = [randomKey(), randomKey()];

function setUp() {
  const { clock, startProcess } = createWorld();
  const { store } = startProcess();
  const sessionsWith = (...keys: Uint8Array[]) =>
    createSessions({
      store,
      sealer: createSealer(keys),
      clock,
      logger: silent,
      idleMs: 1_000,
      maxMs: 1_000,
      cacheSize: 10,
    });
  return { store, sessionsWith };
}

test('after re-sealing the old key can be taken out, and nobody has to log in again', async () => {
  const { store, sessionsWith } = setUp();
  const before = sessionsWith(oldKey);
  const started = await Promise.all(
    ['one', 'two', 'three'].map((key) => before.start('CASSO', apiKeyGrant(key))),
  );
  const { token } = await sessionsWith(newKey).start('CASSO', apiKeyGrant('four'));
  const report = await resealAll(store, sessionBinding, createSealer([newKey, oldKey]));
  expect(report).toEqual({ resealed: 3, current: 1, unreadable: 0 });
  const after = sessionsWith(newKey);
  for (const { token, session } of started) expect(await after.find(token)).toEqual(session);
  expect(await after.find(token)).not.toBeNull();
  expect(await resealAll(store, sessionBinding, createSealer([newKey]))).toEqual({
    resealed: 0,
    current: 4,
    unreadable: 0,
  });
});

test('a session that cannot be opened is counted and left as it is', async () => {
  const { store, sessionsWith } = setUp();
  const { token, session } = await sessionsWith(oldKey).start('CASSO', apiKeyGrant());
  expect(await resealAll(store, sessionBinding, createSealer([newKey]))).toEqual({
    resealed: 0,
    current: 0,
    unreadable: 1,
  });
  expect(await sessionsWith(oldKey).find(token)).toEqual(session);
});

test('a session that changes at that moment keeps its change; one that ends stays ended', async () => {
  const { store, sessionsWith } = setUp();
  const before = sessionsWith(oldKey);
  const changing = await before.start('CASSO', apiKeyGrant('first'));
  const ending = await before.start('CASSO', apiKeyGrant());
  const interfering: SessionStore = {
    ...store,
    async *all() {
      for await (const row of store.all()) {
        if (row.id === changing.session.id)
          await before.link(changing.session, 'CASSO', apiKeyGrant('second'));
        if (row.id === ending.session.id) await before.end(ending.session);
        yield row;
      }
    },
  };
  const report = await resealAll(interfering, sessionBinding, createSealer([newKey, oldKey]));
  expect(report).toEqual({ resealed: 1, current: 0, unreadable: 0 });
  const after = sessionsWith(newKey);
  expect((await after.find(changing.token))?.grants.CASSO).toMatchObject({ apiKey: 'second' });
  expect(await after.find(ending.token)).toBeNull();
});
