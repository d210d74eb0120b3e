import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // A rejection that nobody handled is a bug of ours: vitest fails the run on it by default; keep it so.
    dangerouslyIgnoreUnhandledErrors: false,
  },
});
