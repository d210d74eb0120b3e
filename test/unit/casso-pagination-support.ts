import fc from 'fast-check';
import type { Clock } from '../../src/lib/clock.ts';
import { SECOND } from '../../src/lib/duration.ts';
import {
  type CountedConnection,
  createWindow,
  type OffsetPage,
  type OffsetWindow,
  paginateWindow,
} from '../../src/providers/casso/pagination.ts';

export const KIND = 'casso.transaction.2001..2024-03-02';

export interface Line {
  readonly id: string;
  readonly direction: 'CREDIT' | 'DEBIT';
  /** By which the list is sorted, descending. */
  readonly time: number;
}

const PAGE = 100;

/** Casso's list: pages of 100 by offset, newest first, of whatever is there when a page is asked for. */
export class ModelBank {
  lines: readonly Line[];
  /** The numbers of the pages that were asked for. */
  calls: number[] = [];
  /** What happens just before each call. */
  meanwhile: (bank: this) => void = () => {};
  counts = true;
  #lastId: number;

  constructor(length: number, direction: (n: number) => Line['direction'] = () => 'CREDIT') {
    this.lines = Array.from({ length }, (_, n) => ({
      id: String(length - n),
      direction: direction(n),
      time: length - n,
    }));
    this.#lastId = length;
  }

  /** New rows, at the head or deeper in the list. */
  arrive(count: number, at = 0): void {
    const above = this.lines[at - 1]?.time ?? (this.lines[0]?.time ?? 0) + count + 1;
    const below = this.lines[at]?.time ?? (this.lines.at(-1)?.time ?? 0) - count - 1;
    const lines = Array.from({ length: count }, (_, n) => ({
      time: above - ((above - below) * (n + 1)) / (count + 1),
      id: String(this.#lastId + count - n),
      direction: n % 2 === 0 ? ('DEBIT' as const) : ('CREDIT' as const),
    }));
    this.#lastId += count;
    this.lines = [...this.lines.slice(0, at), ...lines, ...this.lines.slice(at)];
  }

  remove(id: string): void {
    this.lines = this.lines.filter((line) => line.id !== id);
  }

  readonly page = async (number: number): Promise<OffsetPage<Line>> => {
    this.meanwhile(this);
    this.calls.push(number);
    const { length } = this.lines;
    return {
      rows: this.lines.slice((number - 1) * PAGE, number * PAGE),
      total: this.counts ? length : null,
      hasMore: number * PAGE < length,
    };
  };
}

export class ManualClock implements Clock {
  #now = Date.UTC(2024, 2, 2);
  now(): number {
    return this.#now;
  }
  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

const isNewer = (row: Line, other: Line) => row.time > other.time;

/** A bank, and the window through which clients see it. */
export class World {
  readonly clock = new ManualClock();
  readonly window: OffsetWindow<Line> = createWindow(this.clock, isNewer);
  readonly bank: ModelBank;
  readonly where: ((line: Line) => boolean) | undefined;

  constructor(bank: ModelBank, where?: (line: Line) => boolean) {
    this.bank = bank;
    this.where = where;
  }

  ask(first: number, after: string | null = null): Promise<CountedConnection<Line>> {
    const { window, bank, where } = this;
    return paginateWindow({ kind: KIND, window, page: bank.page, request: { first, after }, where });
  }

  /** All pages from the head to the end; `between` is called before each but the first. */
  async walk(sizes: readonly number[], between: (n: number) => void = () => {}): Promise<readonly string[]> {
    const seen: string[] = [];
    for (let n = 0, after: string | null = null; ; n += 1) {
      const page: CountedConnection<Line> = await this.ask(sizes[n % sizes.length] ?? 1, after);
      seen.push(...ids(page));
      if (!page.pageInfo.hasNextPage) return seen;
      after = page.pageInfo.endCursor;
      between(n);
    }
  }

  /** The ids that are there now and match. */
  matching(): readonly string[] {
    return this.bank.lines.filter((line) => this.where?.(line) ?? true).map(({ id }) => id);
  }
}

export const ids = ({ edges }: CountedConnection<Line>): string[] => edges.map(({ node }) => node.id);

export const anyLength = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 98, max: 103 }),
  fc.integer({ min: 198, max: 203 }),
  fc.integer({ min: 0, max: 700 }),
);

export const anySizes = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 6 });

/** Milliseconds between two pages of a client; both ages at which pages go stale lie within. */
export const anyPause = fc.constantFrom(0, SECOND, 31 * SECOND, 301 * SECOND);

const anyFilter = fc.constantFrom<((line: Line) => boolean) | undefined>(
  undefined,
  (line) => line.direction === 'CREDIT',
  (line) => line.direction === 'DEBIT',
);

const anyDirections = fc.constantFrom<(n: number) => Line['direction']>(
  () => 'CREDIT',
  (n) => (n % 2 === 0 ? 'CREDIT' : 'DEBIT'),
  (n) => (n % 90 === 0 ? 'DEBIT' : 'CREDIT'),
);

export const anyWorld: fc.Arbitrary<World> = fc
  .tuple(anyLength, anyDirections, anyFilter)
  .map(([length, directions, where]) => new World(new ModelBank(length, directions), where));
