import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { built } from '../support/built.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';

// Each start is a process of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let gateway: ProcessGateway;
beforeAll(async () => {
  gateway = await prepareGatewayProcess();
});
afterAll(() => gateway.remove());

test('a log without a reader holds up neither requests nor the end', async () => {
  const port = new URL(gateway.url).port;
  const child = spawn(process.execPath, [built('main.js')], {
    env: { PATH: process.env['PATH'], ...gateway.env, PORT: port, LOG_LEVEL: 'debug' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exit = once(child, 'exit');
  child.stderr.pause();
  const agent = new Agent({ keepAlive: true, maxSockets: 10 });
  /** Its line in the log holds the path of a route alone, and yet some hundred bytes. */
  const ask = async (): Promise<number> => {
    const asked = request(`${gateway.url}/healthz`, { agent }).end();
    const [response] = await once(asked, 'response');
    response.resume();
    await once(response, 'end');
    return response.statusCode;
  };
  while ((await ask().catch(() => 0)) !== 200) await setTimeout(50);
  // Much more than a pipe holds.
  const statuses = await Promise.all(Array.from({ length: 3000 }, ask));
  expect(new Set(statuses)).toEqual(new Set([200]));
  agent.destroy();
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
});
