import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../src/lib/duration.ts';
import { createSessions } from '../../src/sessions/sessions.ts';
import { apiKeyGrant, counted, createWorld, oauthGrant, silent } from './session-support.ts';

describe('the end', () => {
  test('comes at once with a logout, which tells what was linked', async () => {
    const { sessions } = createWorld().startProcess();
    const { token, session } = await sessions.start('CASSO', apiKeyGrant());
    await sessions.find(token);
    expect(await sessions.end(session)).toEqual(session);
    expect(await sessions.find(token)).toBeNull();
    expect(await sessions.end(session)).toBeNull();
    await expect(sessions.link(session, 'BONGLOY', oauthGrant('a', 'r'))).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
    });
    expect(await sessions.find(token)).toBeNull();
  });

  test('comes after the idle time without use', async () => {
    const { clock, startProcess } = createWorld();
    const { sessions } = startProcess();
    const { token, session } = await sessions.start('CASSO', apiKeyGrant());
    expect(session.expiresAt).toBe(clock.now() + 30 * DAY);
    clock.advance(30 * DAY - 1);
    const used = await sessions.find(token);
    expect(used?.expiresAt).toBe(clock.now() + 30 * DAY);
    clock.advance(30 * DAY);
    expect(await sessions.find(token)).toBeNull();
    await expect(sessions.refreshLifetime(session)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });

  test('comes after the absolute time however much it is used', async () => {
    const { clock, startProcess } = createWorld();
    const { sessions } = startProcess();
    const { token, session } = await sessions.start('CASSO', apiKeyGrant());
    for (let day = 1; day < 90; day += 1) {
      clock.advance(DAY);
      expect(await sessions.find(token)).not.toBeNull();
    }
    expect((await sessions.refreshLifetime(session)).expiresAt).toBe(session.createdAt + 90 * DAY);
    clock.advance(DAY);
    expect(await sessions.find(token)).toBeNull();
  });

  test('comes sooner for all when the absolute time is shortened', async () => {
    const { clock, sealer, startProcess } = createWorld();
    const { sessions, store } = startProcess();
    const { token } = await sessions.start('CASSO', apiKeyGrant());
    const options = { store, sealer, clock, logger: silent, idleMs: 30 * DAY, maxMs: DAY, cacheSize: 1 };
    const shortened = createSessions(options);
    expect((await shortened.find(token))?.expiresAt).toBe(clock.now() + DAY);
    clock.advance(DAY);
    expect(await createSessions(options).find(token)).toBeNull();
  });

  test('is moved by use at most once an hour, by one of many requests', async () => {
    const { counts, wrap } = counted();
    const { clock, startProcess } = createWorld();
    const { sessions } = startProcess(wrap);
    const { token } = await sessions.start('CASSO', apiKeyGrant());
    clock.advance(HOUR - 1);
    await sessions.find(token);
    expect(counts.replace).toBe(0);
    clock.advance(1);
    const found = await Promise.all(Array.from({ length: 20 }, () => sessions.find(token)));
    expect(found.map((session) => session?.expiresAt)).toEqual(Array(20).fill(clock.now() + 30 * DAY));
    clock.advance(HOUR - 1);
    counts.replace = 0;
    await sessions.find(token);
    expect(counts.replace).toBe(0);
  });

  test('is moved by a refresh at once', async () => {
    const { clock, startProcess } = createWorld();
    const { sessions } = startProcess();
    const { session } = await sessions.start('CASSO', apiKeyGrant());
    clock.advance(MINUTE);
    expect((await sessions.refreshLifetime(session)).expiresAt).toBe(clock.now() + 30 * DAY);
  });
});

describe('who holds something open for a session', () => {
  test('is told once of a logout', async () => {
    const { sessions } = createWorld().startProcess();
    const { session } = await sessions.start('CASSO', apiKeyGrant());
    const told: string[] = [];
    sessions.onEnd(session.id, () => told.push('one'));
    sessions.onEnd(session.id, () => told.push('two'));
    await sessions.end(session);
    await sessions.end(session);
    expect(told).toEqual(['one', 'two']);
  });

  test('is told of an expiry by the next sweep, and not before', async () => {
    const { clock, startProcess } = createWorld();
    const { sessions } = startProcess();
    const { session } = await sessions.start('CASSO', apiKeyGrant());
    const told: string[] = [];
    sessions.onEnd(session.id, () => told.push('ended'));
    clock.advance(30 * DAY - 1);
    expect(await sessions.sweep()).toBe(0);
    expect(told).toEqual([]);
    clock.advance(1);
    expect(await sessions.sweep()).toBe(1);
    expect(told).toEqual(['ended']);
  });

  test('is told of an end that came before it listened', async () => {
    const { sessions } = createWorld().startProcess();
    const { session } = await sessions.start('CASSO', apiKeyGrant());
    await sessions.end(session);
    const told = new Promise((resolve) => sessions.onEnd(session.id, () => resolve('ended')));
    expect(await told).toBe('ended');
  });

  test('is told by a store that was away as soon as it is back', async () => {
    let isAway = true;
    const asked: string[] = [];
    const { sessions, store } = createWorld().startProcess((real) => ({
      ...real,
      async get(id) {
        asked.push(id);
        if (isAway) throw new Error('unreachable');
        return real.get(id);
      },
    }));
    const { session } = await sessions.start('CASSO', apiKeyGrant());
    await store.delete(session.id);
    const told: string[] = [];
    const ended = new Promise<void>((resolve) => {
      sessions.onEnd(session.id, () => {
        told.push('ended');
        resolve();
      });
    });
    await expect.poll(() => asked.length, { timeout: 5_000 }).toBeGreaterThan(1);
    expect(told).toEqual([]);
    isAway = false;
    await ended;
    expect(told).toEqual(['ended']);
  });

  test('is not told after it stopped listening, nor of other sessions', async () => {
    const { sessions } = createWorld().startProcess();
    const { session } = await sessions.start('CASSO', apiKeyGrant());
    const { session: other } = await sessions.start('CASSO', apiKeyGrant());
    const told: string[] = [];
    sessions.onEnd(session.id, () => told.push('stopped'))();
    sessions.onEnd(session.id, () => told.push('ended'));
    await sessions.end(other);
    expect(told).toEqual([]);
    await sessions.end(session);
    expect(told).toEqual(['ended']);
  });
});
