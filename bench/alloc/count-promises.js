import { createHook } from 'node:async_hooks';

/** Loaded before a contestant: counts every promise of the process from its start. See `usage` in `lib/worker.js`. */
globalThis.promisesMade = 0;
createHook({
  init(_id, type) {
    if (type === 'PROMISE') globalThis.promisesMade += 1;
  },
}).enable();
