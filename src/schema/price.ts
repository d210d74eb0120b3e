import { type GivenConditions, hasConditions } from '../domain/bank-transaction-conditions.ts';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../domain/connection.ts';
import { pageCalls as bongloyCalls } from '../providers/bongloy/pagination.ts';
import { pageCalls as cassoCalls } from '../providers/casso/pagination.ts';

/**
 * What a field may cost at worst, as far as it can be told before it runs: what docs/limits.md says, for one field.
 * A field without a price calls nobody and returns one object at most.
 */
export interface Price {
  /** Requests to providers, each time that the field is resolved: again for every row above it. */
  readonly calls?: (args: PricedArguments) => number;
  /** One request for all rows above it together, as loaders look them up in one list. */
  readonly isShared?: boolean;
  /** How many things are looked for by their ids among the newest rows of a long list, before each is asked for alone. */
  readonly lookUps?: (args: PricedArguments) => number;
  /** Rows that it returns, in a list or as a connection. */
  readonly rows?: (args: PricedArguments) => number;
  /** As how many values of the answer it counts, where it takes more work than most; one without. */
  readonly work?: number;
}

/** The arguments of the fields that have a price, as far as prices depend on them. */
export interface PricedArguments {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
  readonly ids?: readonly string[];
  readonly filter?: ({ readonly bankAccountId?: unknown } & GivenConditions) | null;
}

/** As a field's `extensions`. */
export const price = (of: Price): { readonly price: Price } => ({ price: of });

/** A number of requests whatever the arguments. */
export const calls = (count: number) => () => count;

/** Something by its id. */
export const byId = price({ calls: calls(1), lookUps: calls(1) });

/** Rows of a page. A size that makes no sense is refused later, before it costs anything. */
export function pageRows({ first, last }: PricedArguments): number {
  return Math.min(Math.max(last ?? first ?? DEFAULT_PAGE_SIZE, 0), MAX_PAGE_SIZE);
}

/** Bongloy's lists: see `paginate`. */
export function bongloyPageCalls(args: PricedArguments): number {
  const { after = null, before = null } = args;
  const size = typeof args.last === 'number' ? { last: args.last } : { first: pageRows(args) };
  return bongloyCalls({ after, before, ...size });
}

/** Casso's list of transactions: see `paginateWindow`. */
export const cassoPageCalls = ({ after, filter }: PricedArguments): number =>
  cassoCalls({ after: typeof after === 'string', where: hasConditions(filter ?? {}) });

/** A cursor whose row is not met is looked up: so an unknown cursor is not taken for the end of the list. */
export const cursors = ({ after, before }: PricedArguments): number =>
  [after, before].filter((cursor) => typeof cursor === 'string').length;

export const bongloyPage = price({ calls: bongloyPageCalls, rows: pageRows, lookUps: cursors });
/** Of several accounts' lists, the newest rows of all accounts are looked at first. */
export const cassoPage = price({
  calls: cassoPageCalls,
  rows: pageRows,
  lookUps: ({ filter }) => (filter?.bankAccountId ? 1 : 0),
});
export const cassoAccountPage = price({ calls: cassoPageCalls, rows: pageRows, lookUps: calls(1) });
