import { compareAge, type Position, type Row } from './newest-first.ts';

const DEFAULT_SIZE = 10;
const MAX_SIZE = 100;

/** What is not known of the provider's paging (§4), each with the vendor's own code as the first choice. */
export interface PagingRules {
  /** `nearest`: a backward page is the N rows just above the cursor (point 4). `newest`: the N newest (4'). */
  readonly before: 'nearest' | 'newest';
  /** `exact`: a forward page's `next` is null exactly at the end (point 6). `full`: set whenever it is full (5'). */
  readonly next: 'exact' | 'full';
  /** Rows that share the cursor row's exact sort value are skipped, as a strict comparison of it alone would. */
  readonly strictTies: boolean;
}

/** The `page[...]` members of a query, as sent. */
export interface PageQuery {
  readonly size?: string | undefined;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

/** `prev` and `next` are the ids that the links' cursors carry; null where there is no link. */
export interface Page<R> {
  readonly data: readonly R[];
  readonly prev: string | null;
  readonly next: string | null;
}

/**
 * One page of `rows`, which are newest first and already the owner's and filtered. `positionOf` looks a cursor's
 * row up among all rows, whoever owns them and whether or not they match (§4, point 2).
 */
export function paginate<R extends { readonly id: string }>(
  rows: readonly Row<R>[],
  positionOf: (id: string) => Position | undefined,
  query: PageQuery,
  rules: PagingRules,
): Page<R> {
  const size = pageSize(query.size);
  const before = present(query.before);
  if (before !== undefined) return backward(rows, positionOf(before), size, rules);
  const after = present(query.after);
  return forward(rows, after === undefined ? 'top' : positionOf(after), size, rules);
}

function forward<R extends { readonly id: string }>(
  rows: readonly Row<R>[],
  from: Position | 'top' | undefined,
  size: number,
  rules: PagingRules,
): Page<R> {
  const older = from === 'top' ? rows : rows.filter((row) => from && age(row, from, rules) < 0);
  const data = older.slice(0, size).map((row) => row.resource);
  const more = rules.next === 'exact' ? older.length > size : data.length === size;
  return { data, prev: data[0]?.id ?? null, next: more ? (data.at(-1)?.id ?? null) : null };
}

function backward<R extends { readonly id: string }>(
  rows: readonly Row<R>[],
  from: Position | undefined,
  size: number,
  rules: PagingRules,
): Page<R> {
  const newer = rows.filter((row) => from && age(row, from, rules) > 0);
  const nearest = rules.before === 'nearest';
  const data = (nearest ? newer.slice(-size) : newer.slice(0, size)).map((row) => row.resource);
  const more = nearest && newer.length > size;
  return { data, prev: more ? (data[0]?.id ?? null) : null, next: data.at(-1)?.id ?? null };
}

function age(row: Position, cursor: Position, rules: PagingRules): number {
  return rules.strictTies && row.key === cursor.key ? 0 : compareAge(row, cursor);
}

/** Clamped, never refused (§4, point 9). Text is read as the provider's language does: its leading digits. */
function pageSize(raw: string | undefined): number {
  if (raw === undefined) return DEFAULT_SIZE;
  const parsed = Number.parseInt(raw, 10);
  return Math.min(Math.max(Number.isNaN(parsed) ? 0 : parsed, 1), MAX_SIZE);
}

function present(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value;
}
