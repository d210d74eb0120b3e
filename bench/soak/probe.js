import { readdirSync } from 'node:fs';

/** Loaded into the gateway's process before `dist/main.js`: tells its parent how much it holds, after a collection. */
process.on('message', () => {
  globalThis.gc?.();
  const { heapUsed, rss, external } = process.memoryUsage();
  const handles = process.getActiveResourcesInfo().length;
  process.send({ heap: heapUsed, external, rss, handles, files: readdirSync('/proc/self/fd').length });
});
