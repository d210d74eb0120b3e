import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { createHttpServer } from '../../src/http/server.ts';

/** Opens connections on a thread of its own, and wakes the main thread when all stand. */
const CROWD = `
  const { connect } = require('node:net');
  const { workerData: { port, count, all } } = require('node:worker_threads');
  let standing = 0;
  for (let n = 0; n < count; n += 1) {
    connect(port, '127.0.0.1', () => {
      standing += 1;
      if (standing === count) Atomics.notify(all, 0);
    }).on('error', () => {});
  }
`;

test('a crowd that comes at once finds room to wait, also while the process is busy', async () => {
  const http = createHttpServer(
    {},
    { onError: () => {} },
    { headersWithin: 10_000, requestWithin: 30_000, keepAlive: 75_000 },
  );
  const { port } = await http.listen(0, '127.0.0.1');
  const all = new Int32Array(new SharedArrayBuffer(4));
  const crowd = new Worker(CROWD, { eval: true, workerData: { port, count: 1000, all } });
  // Blocks this thread: nothing is accepted until the whole crowd stands in the line.
  const outcome = Atomics.wait(all, 0, 0, 10_000);
  await crowd.terminate();
  await http.close(0);
  expect(outcome).toBe('ok');
});
