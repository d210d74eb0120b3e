import { afterEach, expect, onTestFinished, test } from 'vitest';
import { abandon } from '../support/abandon.ts';
import { killChildren } from '../support/child.ts';
import { prepareGatewayProcess } from '../support/gateway-process.ts';
import { heapOf, INSPECTED } from '../support/heap.ts';

afterEach(killChildren);

test('a process that was left by thousands of clients holds what it held before', async () => {
  const own = await prepareGatewayProcess({ NODE_OPTIONS: INSPECTED });
  onTestFinished(() => own.remove());
  const child = await own.start();
  const token = await own.operatorToken();
  // Until what is compiled and cached is there.
  await abandon(own.url, token, 200);
  const before = await heapOf(child);
  const left = await abandon(own.url, token, 300);
  // One that is kept takes some ten thousand.
  expect(((await heapOf(child)) - before) / left).toBeLessThan(1_000);
}, 240_000);
