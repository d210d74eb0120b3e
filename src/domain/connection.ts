import { badUserInput } from './errors.ts';

/** Page size when the client names none (design §10). */
export const DEFAULT_PAGE_SIZE = 10;
/** Largest page that a client may ask for. */
export const MAX_PAGE_SIZE = 100;

/** Paging arguments as a client sends them (Relay Cursor Connections). */
export interface ConnectionArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

/** The same after checking: exactly one direction, sizes within bounds. Cursors are still opaque. */
export type PageRequest =
  | { readonly first: number; readonly after: string | null; readonly before: string | null }
  | { readonly last: number; readonly before: string; readonly after: string | null };

/** One page of a list, newest first. */
export interface Connection<T> {
  readonly edges: readonly Edge<T>[];
  readonly pageInfo: PageInfo;
}

export interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

/** Cursors are those of the first and last edge; null when there is no edge. */
export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/**
 * Checks sizes and mixtures (design §10). No argument at all means the first page.
 * @throws GatewayError BAD_USER_INPUT naming the argument.
 */
export function pageRequest(args: ConnectionArguments): PageRequest {
  const { first, last } = args;
  const after = args.after ?? null;
  const before = args.before ?? null;
  if (typeof first === 'number' && typeof last === 'number') {
    throw badUserInput('last', 'first and last cannot be used together.');
  }
  if (typeof last === 'number') {
    checkSize('last', last);
    if (before === null)
      throw badUserInput('last', 'last needs before: the oldest rows cannot be asked for alone.');
    return { last, before, after };
  }
  const size = first ?? DEFAULT_PAGE_SIZE;
  checkSize('first', size);
  return { first: size, after, before };
}

function checkSize(field: string, size: number): void {
  if (size < 0 || size > MAX_PAGE_SIZE) {
    throw badUserInput(field, `${field} must be between 0 and ${MAX_PAGE_SIZE}.`);
  }
}

/** Puts a page together from its edges. */
export function connection<T>(
  edges: readonly Edge<T>[],
  more: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean },
): Connection<T> {
  return {
    edges,
    pageInfo: { ...more, startCursor: edges[0]?.cursor ?? null, endCursor: edges.at(-1)?.cursor ?? null },
  };
}
