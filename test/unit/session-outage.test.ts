import { beforeEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../src/lib/duration.ts';
import type { NewSessionRow, SessionStore } from '../../src/sessions/store.ts';
import { apiKeyGrant, createWorld, type TestProcess, type World } from './session-support.ts';

describe('while the session store cannot be reached', () => {
  let world: World;
  let process: TestProcess;
  let isAway: boolean;
  let asked: number;
  beforeEach(() => {
    isAway = false;
    asked = 0;
    world = createWorld();
    const reach = <Args extends unknown[], T>(step: (...args: Args) => Promise<T>) => {
      return async (...args: Args): Promise<T> => {
        asked += 1;
        if (isAway) throw new Error('unreachable');
        return step(...args);
      };
    };
    process = world.startProcess(
      (store): SessionStore => ({
        ...store,
        get: reach((id: string) => store.get(id)),
        replace: reach((row: NewSessionRow, version: number) => store.replace(row, version)),
      }),
    );
  });
  const start = async () => {
    const { token, session } = await process.sessions.start('CASSO', apiKeyGrant());
    await process.sessions.find(token);
    return { token, session };
  };

  test('a session that was used is taken for what it was, for a quarter of an hour', async () => {
    const { token, session } = await start();
    isAway = true;
    world.clock.advance(15 * MINUTE);
    expect(await process.sessions.find(token)).toEqual(session);
    world.clock.advance(1);
    await expect(process.sessions.find(token)).rejects.toThrow('unreachable');
  });

  test('the store is asked again every five seconds, not with every request', async () => {
    const { token } = await start();
    isAway = true;
    world.clock.advance(2 * MINUTE);
    asked = 0;
    for (let n = 0; n < 10; n += 1) await process.sessions.find(token);
    expect(asked).toBe(1);
    world.clock.advance(5 * SECOND);
    await process.sessions.find(token);
    expect(asked).toBe(2);
  });

  test('a session that this process did not know is neither taken for valid nor for ended', async () => {
    const { token } = await world.startProcess().sessions.start('CASSO', apiKeyGrant());
    isAway = true;
    await expect(process.sessions.find(token)).rejects.toThrow('unreachable');
  });

  test('a session that had ended before is not believed any more', async () => {
    const { token, session } = await start();
    await world.startProcess().sessions.end(session);
    world.clock.advance(2 * MINUTE);
    expect(await process.sessions.find(token)).toBeNull();
    isAway = true;
    await expect(process.sessions.find(token)).rejects.toThrow('unreachable');
  });

  test('a use that cannot be noted is noted by the next one that can', async () => {
    const { token, session } = await start();
    world.clock.advance(HOUR);
    await process.sessions.find(token);
    world.clock.advance(HOUR - MINUTE / 2);
    const before = (await process.sessions.find(token))?.expiresAt ?? 0;
    expect(before).toBe(session.expiresAt + HOUR);
    isAway = true;
    world.clock.advance(MINUTE / 2);
    expect((await process.sessions.find(token))?.expiresAt).toBe(before);
    isAway = false;
    world.clock.advance(5 * SECOND);
    expect((await process.sessions.find(token))?.expiresAt).toBe(before + HOUR + 5 * SECOND);
  });
});
