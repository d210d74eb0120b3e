import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DAY, MINUTE } from '../../src/lib/duration.ts';
import { createSealer } from '../../src/sessions/sealing.ts';
import { linkedProviders } from '../../src/sessions/session.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import { apiKeyGrant, counted, createWorld, oauthGrant, randomKey, silent } from './session-support.ts';

describe('a token', () => {
  test('opens its session, and is recognisable and long', async () => {
    const { sessions } = createWorld().startProcess();
    const { token, session } = await sessions.start('CASSO', apiKeyGrant());
    expect(token).toMatch(/^mks_[\w-]{43}$/);
    expect(await sessions.find(token)).toEqual(session);
    expect(linkedProviders(session)).toEqual(['CASSO']);
  });

  test('that is malformed, unknown, or only the id of a session opens nothing', async () => {
    const { sessions } = createWorld().startProcess();
    const { token, session } = await sessions.start('CASSO', apiKeyGrant());
    for (const other of ['', 'mks_', `${token}x`, token.slice(0, -1), `mks_${'A'.repeat(43)}`, session.id]) {
      expect(await sessions.find(other)).toBeNull();
    }
  });

  test('and everything behind it is nowhere on disk in clear', async () => {
    const { folder, startProcess } = createWorld();
    const { sessions } = startProcess();
    const { token, session } = await sessions.start('CASSO', apiKeyGrant('AK_CS.needle-key'));
    await sessions.link(session, 'BONGLOY', oauthGrant('needle-access', 'needle-refresh'));
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect(bytes.join('').length).toBeGreaterThan(1_000);
    expect(bytes.join('')).toContain(session.id);
    for (const needle of [token, token.slice(4), 'needle-key', 'needle-access', 'needle-refresh']) {
      const forms = [needle, Buffer.from(needle).toString('base64url'), Buffer.from(needle).toString('hex')];
      for (const form of forms) expect(bytes.join('')).not.toContain(form);
    }
  });
});

describe('a session', () => {
  test('holds both providers under one token, and loses only the one that is unlinked', async () => {
    const { sessions } = createWorld().startProcess();
    const { token, session } = await sessions.start('BONGLOY', oauthGrant('a', 'r'));
    await sessions.link(session, 'CASSO', apiKeyGrant());
    expect(linkedProviders((await sessions.find(token)) ?? session)).toEqual(['BONGLOY', 'CASSO']);
    await sessions.unlink(session, 'BONGLOY');
    expect(linkedProviders((await sessions.find(token)) ?? session)).toEqual(['CASSO']);
  });

  test('that links a provider again has a grant of another name', async () => {
    const { sessions } = createWorld().startProcess();
    const { session } = await sessions.start('CASSO', apiKeyGrant('one'));
    const linked = await sessions.link(session, 'CASSO', apiKeyGrant('two'));
    expect(linked.grants.CASSO?.id).not.toBe(session.grants.CASSO?.id);
  });

  test('keeps both of two links made at the same moment in two processes', async () => {
    const world = createWorld();
    const [one, two] = [world.startProcess(), world.startProcess()];
    const { token, session } = await one.sessions.start('CASSO', apiKeyGrant('first'));
    await Promise.all([
      one.sessions.link(session, 'CASSO', apiKeyGrant('second')),
      two.sessions.link(session, 'BONGLOY', oauthGrant('a', 'r')),
    ]);
    const found = await world.startProcess().sessions.find(token);
    expect(found?.grants).toMatchObject({ CASSO: { apiKey: 'second' }, BONGLOY: { kind: 'oauth' } });
  });

  test('costs no read once it is known, and one after a change', async () => {
    const { counts, wrap } = counted();
    const { sessions } = createWorld().startProcess(wrap);
    const { token, session } = await sessions.start('CASSO', apiKeyGrant());
    await sessions.find(token);
    counts.get = 0;
    for (let n = 0; n < 100; n += 1) await sessions.find(token);
    expect(counts).toEqual({ get: 0, replace: 0 });
    await sessions.link(session, 'BONGLOY', oauthGrant('a', 'r'));
    counts.get = 0;
    expect((await sessions.find(token))?.grants.BONGLOY).toBeDefined();
    await sessions.find(token);
    expect(counts.get).toBe(1);
  });

  test('that was read while it was changed is not remembered as it was', async () => {
    let deletedAfterRead: string | null = null;
    const { sessions } = createWorld().startProcess((store) => ({
      ...store,
      async get(id) {
        const row = await store.get(id);
        if (deletedAfterRead) await store.delete(deletedAfterRead);
        return row;
      },
    }));
    const { token, session } = await sessions.start('CASSO', apiKeyGrant());
    deletedAfterRead = session.id;
    await sessions.find(token);
    expect(await sessions.find(token)).toBeNull();
  });

  test('that another process changed on the same file is seen as it is within a minute', async () => {
    const world = createWorld();
    const [one, two] = [world.startProcess(), world.startProcess()];
    const { token, session } = await one.sessions.start('CASSO', apiKeyGrant());
    await two.sessions.find(token);
    await one.sessions.end(session);
    world.clock.advance(MINUTE + 1);
    expect(await two.sessions.find(token)).toBeNull();
  });

  test('survives a restart', async () => {
    const world = createWorld();
    const { token, session } = await world.startProcess().sessions.start('CASSO', apiKeyGrant());
    expect(await world.startProcess().sessions.find(token)).toEqual(session);
  });

  test('whose key was taken out is unknown', async () => {
    const world = createWorld();
    const { sessions, store } = world.startProcess();
    const { token } = await sessions.start('CASSO', apiKeyGrant());
    const sealer = createSealer([randomKey()]);
    const options = {
      store,
      sealer,
      clock: world.clock,
      logger: silent,
      idleMs: DAY,
      maxMs: DAY,
      cacheSize: 1,
    };
    expect(await createSessions(options).find(token)).toBeNull();
  });
});
