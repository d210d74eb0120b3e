import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  SANDBOX_TRANSACTIONS,
  SANDBOX_CARDHOLDERS as WHO,
} from '../../../src/providers/bongloy/sandbox/index.ts';
import { NewestFirst } from '../../../src/providers/bongloy/sandbox/newest-first.ts';
import { type PagingRules, paginate } from '../../../src/providers/bongloy/sandbox/paging.ts';
import { type Answer, cursor, ids, reader, start } from './support.ts';

const DOCUMENTED: PagingRules = { before: 'nearest', next: 'exact', strictTies: false };

/** Rows `0…count-1`, 0 the newest; neighbours share their time as `ties` says. */
function table(ties: readonly boolean[]) {
  const rows = new NewestFirst<{ readonly id: string; readonly time: string }>((row) => row.time);
  let time = 9000;
  const entries = ties.map((tied, index) => {
    if (!tied) time -= 1;
    return { id: String(index), time: String(time) };
  });
  for (const entry of entries.toReversed()) rows.insert('me', entry);
  return {
    all: entries.map((row) => row.id),
    read: (query: object, rules = DOCUMENTED) => {
      const page = paginate(rows.ownedBy('me'), (id) => rows.get(id), query, rules);
      return { ...page, data: page.data.map((row) => row.id) };
    },
  };
}

const listOfRows = fc.array(fc.boolean(), { maxLength: 60 });
const size = fc.integer({ min: 1, max: 20 });

describe('the paging rules, against the plain list', () => {
  test('following next from the top gives every row once, in order, and ends with null', () => {
    fc.assert(
      fc.property(listOfRows, size, (ties, size) => {
        const { all, read } = table(ties);
        const seen: string[] = [];
        let after: string | null = '';
        while (after !== null) {
          const page = read({ size: String(size), after });
          seen.push(...page.data);
          after = page.next;
        }
        expect(seen).toEqual(all);
      }),
    );
  });

  test('following prev from the oldest row gives every newer row once, each page newest first', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), size, (ties, size) => {
        const { all, read } = table(ties);
        const pages: string[][] = [];
        let before: string | null = all.at(-1) ?? null;
        while (before !== null) {
          const page = read({ size: String(size), before });
          pages.unshift(page.data);
          before = page.prev;
        }
        expect(pages.flat()).toEqual(all.slice(0, -1));
      }),
    );
  });

  test('a page is the slice beside its cursor, and its links tell what the documents say they tell', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }),
        size,
        fc.nat(),
        (ties, size, pick) => {
          const { all, read } = table(ties);
          const at = pick % all.length;
          const older = all.slice(at + 1, at + 1 + size);
          expect(read({ size: String(size), after: String(at) })).toEqual({
            data: older,
            prev: older[0] ?? null,
            next: at + 1 + size < all.length ? older.at(-1) : null,
          });
          const newer = all.slice(Math.max(0, at - size), at);
          expect(read({ size: String(size), before: String(at) })).toEqual({
            data: newer,
            prev: at > size ? newer[0] : null,
            next: newer.at(-1) ?? null,
          });
        },
      ),
    );
  });

  test('strict ties skip exactly the rows that share the time of the cursor row', () => {
    const { read } = table([false, false, true, true, false]);
    const rules = { ...DOCUMENTED, strictTies: true };
    expect(read({ after: '1' }, rules).data).toEqual(['4']);
    expect(read({ before: '3' }, rules).data).toEqual(['0']);
    expect(read({ after: '1' }).data).toEqual(['2', '3', '4']);
  });
});

const mainReader = async (options = {}) => reader(await start(options), WHO.main);
const links = (answer: Answer) => answer.body.links;

describe('paging over HTTP (contract §4)', () => {
  test('1: before wins over after, and a blank before does not', async () => {
    const read = await mainReader();
    const [first, , third] = ids(await read('/transactions?page[size]=3'));
    const both = await read(`/transactions?page[before]=${third}&page[after]=${first}&page[size]=1`);
    expect(ids(both)).toEqual([ids(await read('/transactions?page[size]=2'))[1]]);
    const blank = await read(`/transactions?page[before]=+&page[after]=${first}&page[size]=1`);
    expect(ids(blank)).toEqual(ids(both));
  });

  test('2: a cursor works though its row is filtered out or is somebody else’s', async () => {
    const sandbox = await start();
    const read = reader(sandbox, WHO.main);
    const credits = ids(await read('/transactions?filter[balance_adjustment_type]=credit&page[size]=100'));
    const rest = ids(
      await read(
        `/transactions?filter[balance_adjustment_type]=credit&page[size]=100&page[after]=${SANDBOX_TRANSACTIONS.tiedAtTen[0]}`,
      ),
    );
    expect(rest.length).toBeGreaterThan(0);
    expect(credits.slice(-rest.length)).toEqual(rest);
    const [foreign] = ids(await reader(sandbox, WHO.roundTotal)('/transactions'));
    expect((await read(`/transactions?page[after]=${foreign}`)).body.data).toHaveLength(10);
  });

  test.each(['nonsense', '00000000-0000-4000-8000-000000000000'])(
    '3 and 8: an unknown cursor %s is an empty page without links, in both directions',
    async (unknown) => {
      const read = await mainReader();
      for (const direction of ['after', 'before']) {
        const answer = await read(`/transactions?page[${direction}]=${unknown}`);
        expect([answer.status, answer.body]).toEqual([200, { data: [], links: { prev: null, next: null } }]);
      }
    },
  );

  test('3: so is the cursor of a deleted row', async () => {
    const sandbox = await start();
    const read = reader(sandbox, WHO.main);
    const [first] = ids(await read('/transactions?page[size]=1'));
    sandbox.control.deleteTransaction({ transactionId: first ?? '' });
    const answer = await read(`/transactions?page[after]=${first}`);
    expect(answer.body).toEqual({ data: [], links: { prev: null, next: null } });
    expect(ids(await read('/transactions'))).not.toContain(first);
  });

  test('4: a page before a cursor holds the rows nearest to it, newest first', async () => {
    const read = await mainReader();
    const top = ids(await read('/transactions?page[size]=10'));
    const answer = await read(`/transactions?page[before]=${top[9]}&page[size]=3`);
    expect(ids(answer)).toEqual(top.slice(6, 9));
  });

  test('4′: or the newest of all, if so set', async () => {
    const read = await mainReader({ before: 'newest' });
    const top = ids(await read('/transactions?page[size]=10'));
    const answer = await read(`/transactions?page[before]=${top[9]}&page[size]=3`);
    expect(ids(answer)).toEqual(top.slice(0, 3));
    expect(links(answer).prev).toBeNull();
    expect(cursor(links(answer).next, 'after')).toBe(top[2]);
  });

  test('5 and 6: next is null exactly at the end, also when the total is a multiple of the size', async () => {
    const read = reader(await start(), WHO.roundTotal);
    const whole = await read('/transactions?page[size]=100');
    expect([whole.body.data.length, links(whole).next]).toEqual([100, null]);
    const rows = ids(whole);
    const last = await read(`/transactions?page[after]=${rows[89]}`);
    expect([ids(last), links(last).next]).toEqual([rows.slice(90), null]);
    const lastButOne = await read(`/transactions?page[after]=${rows[88]}`);
    expect(cursor(links(lastButOne).next, 'after')).toBe(rows[98]);
  });

  test('5′: or set whenever the page is full, and then the page after the last is empty', async () => {
    const read = reader(await start({ next: 'full' }), WHO.roundTotal);
    const whole = await read('/transactions?page[size]=100');
    const next = cursor(links(whole).next, 'after');
    expect(next).toBe(ids(whole)[99]);
    const beyond = await read(`/transactions?page[size]=100&page[after]=${next}`);
    expect(beyond.body).toEqual({ data: [], links: { prev: null, next: null } });
  });

  test('6: a backward page always has next', async () => {
    const read = await mainReader();
    const top = ids(await read('/transactions'));
    const answer = await read(`/transactions?page[before]=${top[4]}`);
    expect(cursor(links(answer).next, 'after')).toBe(top[3]);
  });

  test('7: prev is set even on the first page, and null on a backward page exactly at the top', async () => {
    const read = await mainReader();
    const first = await read('/transactions');
    const top = ids(first);
    expect(cursor(links(first).prev, 'before')).toBe(top[0]);
    expect(links(await read(`/transactions?page[before]=${top[4]}&page[size]=4`)).prev).toBeNull();
    const answer = await read(`/transactions?page[before]=${top[4]}&page[size]=3`);
    expect(cursor(links(answer).prev, 'before')).toBe(top[1]);
  });

  test.each([
    ['', 10],
    ['page[size]=0', 1],
    ['page[size]=-5', 1],
    ['page[size]=', 1],
    ['page[size]=many', 1],
    ['page[size]=7rows', 7],
    ['page[size]=101', 100],
    ['page%5Bsize%5D=3', 3],
    ['page=3', 10],
  ])('9: "%s" gives %i rows', async (query, rows) => {
    const read = await mainReader();
    expect((await read(`/transactions?${query}`)).body.data).toHaveLength(rows);
  });

  test('10: links keep the filters and the size, at a stranger’s host without encryption', async () => {
    const read = await mainReader();
    const answer = await read('/transactions?page[size]=2&filter[status]=settled');
    const [, last] = ids(answer);
    expect(links(answer).next).toBe(
      `http://example.org/connect/v1/transactions?filter%5Bstatus%5D=settled&page%5Bafter%5D=${last}&page%5Bsize%5D=2`,
    );
    const second = await read(`/transactions?page[size]=2&filter[status]=settled&page[after]=${last}`);
    expect(new URL(links(second).prev).searchParams.has('page[after]')).toBe(false);
  });

  test('accounts and cards are paged by ten as well', async () => {
    const read = reader(await start(), WHO.manyAccounts);
    for (const path of ['/accounts', '/cards']) {
      const first = await read(path);
      const second = await read(`${path}?page[after]=${cursor(links(first).next, 'after')}`);
      expect([first.body.data.length, second.body.data.length]).toEqual([10, 2]);
      expect(links(second).next).toBeNull();
    }
  });

  test('the rows that share a time at the end of a page are skipped only with strict ties', async () => {
    const sandbox = await start();
    const read = reader(sandbox, WHO.main);
    const [last, next] = SANDBOX_TRANSACTIONS.tiedAtTen;
    expect(ids(await read('/transactions'))[9]).toBe(last);
    expect(ids(await read(`/transactions?page[after]=${last}`))[0]).toBe(next);
    sandbox.control.setPaging({ strictTies: true });
    expect(ids(await read(`/transactions?page[after]=${last}`))).not.toContain(next);
  });
});
