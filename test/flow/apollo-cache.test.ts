import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type DocumentNode, parse } from 'graphql';
import { expect, test, vi } from 'vitest';
import { LIVE_BOARD_PACKAGES } from '../support/live-board.ts';
import { withNeeds } from '../support/needs.ts';
import { overWebSocket, startNews } from '../support/news.ts';

const OPERATION = new URL('../../operations/news.graphql', import.meta.url);

/** What the test asks of Apollo Client's cache. */
interface Cache {
  write(options: { dataId: string; query: DocumentNode; result: unknown }): void;
  extract(): Record<string, object>;
}

withNeeds([LIVE_BOARD_PACKAGES], () => {
  test('a normalized cache keeps every event of the shipped operation, and has nothing to warn of', async () => {
    const require = createRequire(new URL('../../examples/live-board/package.json', import.meta.url));
    const { InMemoryCache } = require('@apollo/client') as { InMemoryCache: new (options: object) => Cache };
    const cache = new InMemoryCache({
      possibleTypes: { ActivityEvent: ['TransactionEvent', 'BankTransactionEvent'] },
    });
    const warn = vi.spyOn(console, 'warn');
    const error = vi.spyOn(console, 'error');
    const gateway = await startNews();
    try {
      const text = readFileSync(OPERATION, 'utf8');
      // The cache reads `__typename` of every object, as Apollo Client adds it to every selection.
      const named = text.replaceAll(/(?<=transaction \{|bankTransaction \{)/giu, ' __typename');
      const open = await overWebSocket(gateway.url, named, {}, await gateway.logIn());
      gateway.bongloy.control.makePurchase();
      gateway.casso.control.makeTransfer();
      gateway.bongloy.control.makePurchase();
      for (let n = 0; n < 3; n += 1) {
        const { data } = await open.feed.next();
        cache.write({ dataId: 'ROOT_SUBSCRIPTION', query: parse(named), result: data });
      }
      await open.close();
      const kept = Object.keys(cache.extract());
      expect(kept.filter((key) => key.startsWith('TransactionEvent:'))).toHaveLength(2);
      expect(kept.filter((key) => key.startsWith('BankTransactionEvent:'))).toHaveLength(1);
      expect(warn.mock.calls).toEqual([]);
      expect(error.mock.calls).toEqual([]);
    } finally {
      vi.restoreAllMocks();
      await gateway.stop();
    }
  });
});
