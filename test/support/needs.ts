import { beforeAll, describe, type TestContext } from 'vitest';

/** Begins the name of a suite that is skipped, and is followed by what is missing: the run's last lines list it. */
export const SKIPPED = 'skipped: ';

/**
 * What a test needs of the machine, beside Node.js and the packages.
 * Null: it is there. Otherwise what is missing, in which version, and how to get it.
 */
export type Missing = string | null;

/** Runs the suite where nothing is missing. Elsewhere its tests are skipped and say why; in CI they fail. */
export function withNeeds(needs: readonly Missing[], suite: () => void): void {
  const missing = needs.filter((need) => need !== null).join('; ');
  if (missing === '') return suite();
  describe.skipIf(!process.env['CI'])(`${SKIPPED}${missing}`, () => {
    beforeAll(() => {
      throw new Error(`CI must have what the tests need: ${missing}`);
    });
    suite();
  });
}

/** For a test that finds out as it runs what is missing: skips it, and says why; in CI it fails. */
export function skipWithout(missing: string, { skip }: TestContext): never {
  if (process.env['CI']) throw new Error(`CI must have what the tests need: ${missing}`);
  return skip(`${SKIPPED}${missing}`);
}
