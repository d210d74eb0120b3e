import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Child, killChildren } from '../support/child.ts';
import { type Answer, ask } from '../support/gateway.ts';
import { type ProcessGateways, prepareGatewayProcesses } from '../support/gateway-process.ts';
import { type NatsCluster, startNats, withNatsServer } from '../support/nats-server.ts';

/** No rows of these days are held yet: each is a request to Casso. */
const DAY = (n: number) => `20${10 + Math.floor(n / 28)}-01-${String((n % 28) + 1).padStart(2, '0')}`;
const QUESTION = `query ($day: Date) { bankTransactions(first: 1, filter: { from: $day, to: $day }) { nodes { id } } }`;

/** Processes start and end within one test. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let gateways: ProcessGateways;
let children: Child[];
let token: string;
let asked: number;
beforeEach(() => {
  asked = 0;
});

/** A question that nothing held answers, asked at that process. */
const question = (process: number): Promise<Answer> => {
  asked += 1;
  return ask(gateways.urls[process] ?? '', QUESTION, { day: DAY(asked) }, token);
};
const isAnswered = ({ data, errors }: Answer): boolean => {
  if (!errors) return data?.['bankTransactions'] !== null;
  expect(errors).toEqual([
    expect.objectContaining({
      extensions: { code: 'RATE_LIMITED', provider: 'CASSO', retryAfterSeconds: expect.any(Number) },
    }),
  ]);
  return false;
};
const statuses = () => gateways.casso.requests.map(({ status }) => status);

async function startWorld(count: number, env: NodeJS.ProcessEnv): Promise<void> {
  gateways = await prepareGatewayProcesses({ count, env: { CASSO_REQUESTS_PER_MINUTE: '2', ...env } });
  gateways.casso.control.setRequestsPerMinute(2);
  token = await gateways.operatorToken();
  children = await Promise.all(gateways.urls.map((_, index) => gateways.start(index)));
}
async function endWorld(): Promise<void> {
  killChildren();
  await Promise.all(children.map(({ exit }) => exit));
  await gateways.remove();
}
async function restart(index: number, signal: NodeJS.Signals): Promise<void> {
  children[index]?.signal(signal);
  await children[index]?.exit;
  children[index] = await gateways.start(index);
}

describe('with a database file, where Casso allows two requests a minute', () => {
  beforeEach(() => startWorld(1, {}));
  afterEach(endWorld);

  test.each(['SIGTERM', 'SIGKILL'] as const)('what was spent before %s is known after it', async (signal) => {
    expect(isAnswered(await question(0))).toBe(true);
    await restart(0, signal);
    expect(isAnswered(await question(0))).toBe(true);
    await restart(0, signal);
    const answer = await question(0);
    expect(isAnswered(answer)).toBe(false);
    expect(answer.errors?.[0]?.extensions?.['retryAfterSeconds']).toBeLessThanOrEqual(60);
    expect(statuses()).toEqual([200, 200]);
  });

  test('a request that was under way when the process was killed is counted', async () => {
    gateways.casso.control.setFault({ kind: 'hang', match: '/v2', times: 1 });
    const dying = question(0).catch(() => null);
    await expect.poll(() => gateways.casso.requests.length).toBe(1);
    await restart(0, 'SIGKILL');
    await dying;
    expect(isAnswered(await question(0))).toBe(true);
    expect(isAnswered(await question(0))).toBe(false);
    expect(gateways.casso.requests).toHaveLength(2);
  });
});

withNatsServer(() => {
  describe('with two processes on NATS, where Casso allows two requests a minute', () => {
    let nats: NatsCluster;
    beforeEach(async () => {
      nats = await startNats();
      await startWorld(2, { STORE_URL: nats.url });
    });
    afterEach(async () => {
      await endWorld();
      await nats.dispose();
    });

    test('of forty questions that race for them, two are answered, and Casso never has to refuse', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => question(n % 2)));
      expect(answers.filter(isAnswered)).toHaveLength(2);
      expect(statuses()).toEqual([200, 200]);
    });

    test('under constant demand at both, each minute is spent, and no request is one too many', async () => {
      let answered = 0;
      const until = Date.now() + 66_000;
      const ask = async (process: number): Promise<void> => {
        while (Date.now() < until) {
          if (isAnswered(await question(process))) answered += 1;
          await sleep(250);
        }
      };
      await Promise.all([ask(0), ask(1)]);
      expect(answered).toBe(4);
      expect(statuses()).toEqual([200, 200, 200, 200]);
    }, 120_000);

    test('neither a restart nor kill -9 of either process forgets what was spent', async () => {
      expect(isAnswered(await question(0))).toBe(true);
      await restart(0, 'SIGKILL');
      expect(isAnswered(await question(1))).toBe(true);
      await Promise.all([restart(0, 'SIGTERM'), restart(1, 'SIGKILL')]);
      const answers = await Promise.all([question(0), question(1)]);
      expect(answers.map(isAnswered)).toEqual([false, false]);
      expect(statuses()).toEqual([200, 200]);
    });

    test('a 429 that one process got is heeded by the other', async () => {
      gateways.casso.control.setFault({ kind: 'status', code: 429, retryAfter: 45, match: '/v2', times: 1 });
      expect(isAnswered(await question(0))).toBe(false);
      const answer = await question(1);
      expect(isAnswered(answer)).toBe(false);
      expect(answer.errors?.[0]?.extensions?.['retryAfterSeconds']).toBeGreaterThan(30);
      expect(statuses()).toEqual([429]);
    });

    test('while NATS is away nothing is asked of Casso, and it goes on when NATS is back', async () => {
      const [server] = nats.servers;
      expect(isAnswered(await question(0))).toBe(true);
      await server?.kill();
      const answers = await Promise.all([question(0), question(1)]);
      expect(answers.map(isAnswered)).toEqual([false, false]);
      expect(answers[0]?.errors?.[0]?.message).toBe(
        'Requests to Casso cannot be counted now, and so none leaves; try again in 5 s.',
      );
      expect(statuses()).toEqual([200]);
      await server?.restart();
      await expect
        .poll(async () => isAnswered(await question(1)), { timeout: 20_000, interval: 500 })
        .toBe(true);
      expect(isAnswered(await question(0))).toBe(false);
      expect(statuses()).toEqual([200, 200]);
    });
  });
});
