import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import { SKIPPED } from './needs.ts';

/**
 * Ends a run with what was skipped, a line for each reason, and one plain line that scripts can read:
 * `12 passed, 0 failed, 1 skipped`.
 */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    const skipped = new Map<string, number>();
    for (const module of modules) {
      // What fails before a suite's tests skips them, and is no test's own.
      for (const suite of [module, ...module.children.allSuites()])
        if (suite.errors().length > 0) count.failed += 1;
      for (const test of module.children.allTests()) {
        count[test.result().state] += 1;
        if (test.result().state !== 'skipped') continue;
        const reason = reasonOf(test);
        skipped.set(reason, (skipped.get(reason) ?? 0) + 1);
      }
    }
    const failed = count.failed + errors.length;
    const reasons = [...skipped].map(([reason, tests]) => `${tests} skipped, which need ${reason}\n`);
    process.stdout.write(
      `\n${reasons.join('')}${count.passed} passed, ${failed} failed, ${count.skipped + count.pending} skipped\n`,
    );
  }
}

/** What is missing, as `needs.ts` says it. */
function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  if (note?.startsWith(SKIPPED)) return note.slice(SKIPPED.length);
  for (let parent: TestSuite | TestModule = test.parent; parent.type === 'suite'; parent = parent.parent)
    if (parent.name.startsWith(SKIPPED)) return parent.name.slice(SKIPPED.length);
  return 'nothing that is missing: test.skip, or the filter of this run';
}
