import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../domain/connection.ts';

/**
 * What a field may cost at worst, as far as it can be told before it runs: what docs/limits.md says, for one field.
 * A field without a price calls nobody and returns one object at most.
 */
export interface Price {
  /** Requests to providers, each time that the field is resolved: again for every row above it. */
  readonly calls?: (args: PricedArguments) => number;
  /** Requests for all rows above it together, as loaders look them up in one list. */
  readonly sharedCalls?: number;
  /** Rows that it returns, in a list or as a connection. */
  readonly rows?: (args: PricedArguments) => number;
}

/** The arguments of the fields that have a price, as far as prices depend on them. */
export interface PricedArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
  readonly ids?: readonly string[];
  readonly filter?: { readonly direction?: unknown } | null;
}

/** As a field's `extensions`. */
export const price = (of: Price): { readonly price: Price } => ({ price: of });

/** A number of requests whatever the arguments. */
export const calls = (count: number) => () => count;

/** Rows of a page. A size that makes no sense is refused later, before it costs anything. */
export function pageRows({ first, last }: PricedArguments): number {
  return Math.min(Math.max(last ?? first ?? DEFAULT_PAGE_SIZE, 0), MAX_PAGE_SIZE);
}

/** Between two cursors, or backward from one, the place has to be found (providers/bongloy/between.ts, above.ts). */
const BACKWARD_CALLS = 12;

/** Bongloy's lists: see `paginate`. */
export function bongloyPageCalls(args: PricedArguments): number {
  if (typeof args.before === 'string') return BACKWARD_CALLS;
  return 1 + (typeof args.after === 'string' ? 1 : 0) + (pageRows(args) === MAX_PAGE_SIZE ? 1 : 0);
}

/** Casso's pages that are looked through where it cannot filter, and those that are fetched to find a cursor's row. */
const SCANNED = 10;
const LOCATED = 6;

/** Casso's list of transactions: see `paginateWindow`. */
export function cassoPageCalls({ after, filter }: PricedArguments): number {
  return (filter?.direction ? SCANNED : 1) + (typeof after === 'string' ? LOCATED : 0);
}

export const bongloyPage = price({ calls: bongloyPageCalls, rows: pageRows });
export const cassoPage = price({ calls: cassoPageCalls, rows: pageRows });
