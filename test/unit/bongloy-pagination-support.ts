import fc from 'fast-check';
import type { LazyConnection, PageRequest } from '../../src/domain/connection.ts';
import { encodeCursor } from '../../src/domain/cursor.ts';
import { upstreamRejected } from '../../src/domain/errors.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { LinkProof } from '../../src/providers/bongloy/link-proof.ts';
import type { ListPage, Slice } from '../../src/providers/bongloy/page.ts';
import type { PagedList } from '../../src/providers/bongloy/pagination.ts';

export const KIND = 'bongloy.transaction.4f1Xa_09';

/** A stored row; `matches` says whether the list's filter lets it through now. */
export interface Stored {
  readonly id: string;
  readonly matches: boolean;
}

/** What is not known of the provider (docs/providers/bongloy.md §4). */
export interface Rules {
  /** Point 4; 4' with the links of point 7; 4' with a `prev` that is always set. */
  readonly before: 'nearest' | 'newest' | 'newest, prev set';
  /** Point 6; 5'. */
  readonly next: 'exact' | 'full';
  /** Point 3; or an unknown cursor is refused. */
  readonly unknown: 'empty' | 'refused';
}

export const VENDOR: Rules = { before: 'nearest', next: 'exact', unknown: 'empty' };

const anyRules: fc.Arbitrary<Rules> = fc.record({
  before: fc.constantFrom('nearest', 'newest', 'newest, prev set'),
  next: fc.constantFrom('exact', 'full'),
  unknown: fc.constantFrom('empty', 'refused'),
});

/** The nth id, in no order that could be mistaken for the list's. */
export const uuid = (n: number): string =>
  `${((n * 2_654_435_761) % 2 ** 32).toString(16).padStart(8, '0')}-aaaa-4aaa-8aaa-${String(n).padStart(12, '0')}`;

/** §4, points 1 to 10, over rows that stand newest first. */
export class ModelList implements PagedList<Stored> {
  readonly kind = KIND;
  readonly rules: Rules;
  rows: readonly Stored[];
  /** The most rows that a page has, however many are asked for. */
  largestPage = 100;
  pages = 0;
  lookUps = 0;
  #inserted: number;

  constructor(rows: readonly Stored[], rules: Rules = VENDOR) {
    this.rows = rows;
    this.rules = rules;
    this.#inserted = rows.length;
  }

  /** New rows at the head. */
  arrive(count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.rows = [{ id: uuid(this.#inserted), matches: true }, ...this.rows];
      this.#inserted += 1;
    }
  }

  async page(page: ListPage): Promise<Slice<Stored>> {
    this.pages += 1;
    const slice = this.#slice(page);
    this.#links.see(page, slice);
    return slice;
  }

  #slice({ size: asked, after, before }: ListPage): Slice<Stored> {
    if (!Number.isInteger(asked) || asked < 1 || asked > 100)
      throw new Error(`size ${asked} would be clamped`);
    const size = Math.min(asked, this.largestPage);
    if (after !== undefined && before !== undefined) throw new Error('after would be ignored');
    const cursor = before ?? after;
    const at = this.rows.findIndex((row) => row.id === cursor);
    if (cursor !== undefined && at === -1) {
      if (this.rules.unknown === 'refused') throw upstreamRejected('BONGLOY');
      return { rows: [], hasOlder: false, hasNewer: false };
    }
    const matching = (from: number, to: number) => this.rows.slice(from, to).filter((row) => row.matches);
    if (before === undefined) {
      const older = matching(at + 1, this.rows.length);
      const rows = older.slice(0, size);
      const full = this.rules.next === 'full' && rows.length === size;
      return { rows, hasOlder: older.length > size || full, hasNewer: rows.length > 0 };
    }
    const newer = matching(0, at);
    const nearest = this.rules.before === 'nearest';
    const rows = nearest ? newer.slice(-size) : newer.slice(0, size);
    const truePrev = nearest && newer.length > size;
    const hasNewer = rows.length > 0 && (truePrev || this.rules.before === 'newest, prev set');
    return { rows, hasOlder: rows.length > 0, hasNewer };
  }

  readonly #links = new LinkProof(systemClock);

  linksAreExact(): boolean {
    return this.#links.holds();
  }

  async exists(id: string): Promise<boolean> {
    this.lookUps += 1;
    return this.rows.some((row) => row.id === id);
  }

  cursor(index: number): string {
    return encodeCursor(KIND, this.rows[index]?.id ?? 'no such row');
  }
}

export const ids = ({ edges }: LazyConnection<Stored>): string[] => edges.map(({ node }) => node.id);

/** Up to some hundreds of rows, with the sizes at which pages end made likely; some rows do not match the filter. */
const anyRows: fc.Arbitrary<readonly Stored[]> = fc
  .record({
    length: fc.oneof(
      fc.integer({ min: 1, max: 14 }),
      fc.integer({ min: 98, max: 103 }),
      fc.integer({ min: 198, max: 203 }),
      fc.integer({ min: 15, max: 420 }),
    ),
    hidden: fc.constantFrom<(n: number) => boolean>(
      () => false,
      (n) => n % 7 === 3,
      (n) => n % 2 === 0,
      () => true,
    ),
  })
  .map(({ length, hidden }) => Array.from({ length }, (_, n) => ({ id: uuid(n), matches: !hidden(n) })));

export const anyModel: fc.Arbitrary<ModelList> = fc
  .tuple(anyRows, anyRules)
  .map(([rows, rules]) => new ModelList(rows, rules));

export const anySize = fc.oneof(
  fc.constantFrom(0, 1, 2, 9, 10, 98, 99, 100),
  fc.integer({ min: 0, max: 100 }),
);

/** A request as it stands after pageRequest(), with the places of its cursors among all stored rows. */
export interface Asked {
  readonly model: ModelList;
  readonly request: PageRequest;
  readonly after: number | null;
  readonly before: number | null;
}

export const anyAsked: fc.Arbitrary<Asked> = anyModel.chain((model) => {
  const last = model.rows.length - 1;
  const place = fc.oneof(fc.integer({ min: 0, max: last }), fc.constantFrom(0, 99, 100, 101, 201, last));
  return fc
    .record({
      after: fc.option(place),
      before: fc.option(place),
      count: anySize,
      // It can go wrong where cursors stand close together, in both orders, or a page apart.
      gap: fc.option(fc.constantFrom(-2, -1, 0, 1, 2, 100, 101, 102)),
      backward: fc.boolean(),
    })
    .map(({ after: from, before: to, count, gap, backward }) => {
      const clamp = (index: number | null) => (index === null ? null : Math.min(Math.max(index, 0), last));
      const after = clamp(from);
      const before = clamp(gap !== null && after !== null ? after + gap : to);
      const cursors = { after: after === null ? null : model.cursor(after) };
      const request =
        backward && before !== null
          ? { ...cursors, last: count, before: model.cursor(before) }
          : { ...cursors, first: count, before: before === null ? null : model.cursor(before) };
      return { model, request, after, before };
    });
});
