import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { ClosingLine } from './test/support/closing-line.ts';

/** Vite takes graphql's `module` entry and Node.js its `main`: two copies, whose errors do not know each other. */
const graphql = createRequire(import.meta.url).resolve('graphql');

export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: graphql }] },
  test: {
    dir: 'test',
    globalSetup: './test/support/built.ts',
    include: ['**/*.test.ts'],
    // Most tests wait for sockets rather than compute: one more than the cores keeps those busy.
    maxWorkers: availableParallelism() + 1,
    // Whatever the shell has: Yoga writes its comments into SSE every 300 ms under `test`, and every 12 s otherwise.
    env: { NODE_ENV: 'test' },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    reporters: ['default', new ClosingLine()],
  },
});
