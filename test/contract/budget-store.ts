import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BudgetStore } from '../../src/store/budgets.ts';

/** What a test of one adapter has to give: each test a store of its own. */
export interface BudgetStoreFactory {
  /** The same store again when called again, as another process or the next one opens it. */
  open(): Promise<BudgetStore>;
  dispose(): Promise<void>;
}

const KEY = 'a'.repeat(64);

/** What any store of budgets must do. */
export function budgetStoreContract(name: string, create: () => Promise<BudgetStoreFactory>): void {
  describe(`the budgets in ${name}`, () => {
    let factory: BudgetStoreFactory;
    let store: BudgetStore;
    beforeEach(async () => {
      factory = await create();
      store = await factory.open();
    });
    afterEach(() => factory.dispose());

    test('what was never written is not there', async () => {
      expect(await store.get(KEY)).toBeNull();
    });

    test('what was written is read, also by the next process', async () => {
      const revision = await store.write(KEY, '{"left":[]}', 0);
      expect(await store.get(KEY)).toMatchObject({ value: '{"left":[]}', revision });
      expect(await (await factory.open()).get(KEY)).toMatchObject({ value: '{"left":[]}', revision });
    });

    test('a write over something else than expected changes nothing', async () => {
      const first = (await store.write(KEY, 'one', 0)) ?? 0;
      expect(await store.write(KEY, 'other', 0)).toBeNull();
      const second = (await store.write(KEY, 'two', first)) ?? 0;
      expect(await store.write(KEY, 'late', first)).toBeNull();
      expect(await store.get(KEY)).toMatchObject({ value: 'two', revision: second });
    });

    test('a key that has nothing takes no write over something', async () => {
      expect(await store.write(KEY, 'late', 7)).toBeNull();
      expect(await store.get(KEY)).toBeNull();
    });

    test('of many who write at once, one succeeds', async () => {
      const other = await factory.open();
      const written = await Promise.all(
        Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? store : other).write(KEY, `${n}`, 0)),
      );
      expect(written.filter((revision) => revision !== null)).toHaveLength(1);
      const winner = written.findIndex((revision) => revision !== null);
      expect(await store.get(KEY)).toMatchObject({ value: `${winner}`, revision: written[winner] });
    });

    test('keys do not meet', async () => {
      await store.write(KEY, 'one', 0);
      expect(await store.get('b'.repeat(64))).toBeNull();
    });
  });
}
