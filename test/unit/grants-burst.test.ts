import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALMOST_OVER, grantsOf, OVER } from './grants-support.ts';
import { callWith, ROTATIONS, TokenServer } from './grants-token-server.ts';
import { createWorld, hearingEachOther } from './session-support.ts';

describe.each(ROTATIONS)('with rotation %s', (rotation) => {
  /** @param count of processes that share the data */
  async function setUp(count: number, wrap?: ReturnType<typeof hearingEachOther>) {
    const { clock, startProcess } = createWorld();
    const server = new TokenServer(rotation, clock);
    const processes = Array.from({ length: count }, () => startProcess(wrap));
    const [first] = processes;
    if (!first) throw new Error('at least one process');
    const { session } = await first.sessions.start('BONGLOY', server.login());
    const grants = processes.map((process) => grantsOf(process, clock, server));
    const burst = (calls: number) =>
      Promise.all(
        Array.from({ length: calls }, (_, n) =>
          callWith(grants[n % count]?.credential(session, 'BONGLOY') ?? null, server),
        ),
      );
    return { clock, server, burst };
  }

  test.each([
    ['one process', 1],
    ['two processes', 2],
  ])('20 calls at once on an ended token make one refresh, and none fails, in %s', async (_, count) => {
    const { clock, server, burst } = await setUp(count);
    clock.advance(OVER);
    expect(await burst(20)).toEqual(Array(20).fill(200));
    expect(server.refreshes).toBe(1);
  });

  test.each([
    ['one process', 1],
    ['two processes', 2],
  ])('20 calls at once that meet a 401 make one refresh, and none fails, in %s', async (_, count) => {
    const { server, burst } = await setUp(count);
    server.expireAccessTokens();
    expect(await burst(20)).toEqual(Array(20).fill(200));
    expect(server.refreshes).toBe(1);
  });

  test('whatever happens to tokens in whatever order, no call fails, and each end costs one refresh', async () => {
    const step = fc.record({
      happening: fc.constantFrom('nothing', 'refused', 'almost over', 'over'),
      calls: fc.integer({ min: 1, max: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2, 3),
        fc.array(step, { minLength: 1, maxLength: 5 }),
        async (count, steps) => {
          const { clock, server, burst } = await setUp(count, hearingEachOther());
          let due = 0;
          for (const { happening, calls } of steps) {
            if (happening === 'refused') server.expireAccessTokens();
            if (happening === 'almost over') clock.advance(ALMOST_OVER);
            if (happening === 'over') clock.advance(OVER);
            if (happening !== 'nothing') due += 1;
            expect(await burst(calls)).toEqual(Array(calls).fill(200));
            expect(server.refreshes).toBe(due);
          }
        },
      ),
      { numRuns: 15 },
    );
  });
});
