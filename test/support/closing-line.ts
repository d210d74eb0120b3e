import type { Reporter, TestModule } from 'vitest/node';

/** Ends a run with one plain line that scripts can read: `12 passed, 0 failed, 1 skipped`. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      if (module.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    const failed = count.failed + errors.length;
    process.stdout.write(
      `\n${count.passed} passed, ${failed} failed, ${count.skipped + count.pending} skipped\n`,
    );
  }
}
