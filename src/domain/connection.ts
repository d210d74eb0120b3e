import { badUserInput } from './errors.ts';

/** Page size when the client names none. */
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

/** The arguments of a list that can only be walked from newest to oldest. */
export interface ForwardArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: undefined;
  readonly before?: undefined;
}

/** Forward paging after checking. Cursors are still opaque. */
export interface ForwardRequest {
  /** 0 to 100. */
  readonly first: number;
  readonly after: string | null;
}

/** The same for both ways: exactly one direction, sizes within bounds. */
export type PageRequest =
  | (ForwardRequest & { readonly before: string | null })
  | { readonly last: number; readonly before: string; readonly after: string | null };

/** One page of a list, newest first. */
export interface Connection<T, Info = PageInfo> {
  readonly edges: readonly Edge<T>[];
  readonly pageInfo: Info;
}

/** One whose `pageInfo` may cost another request, which is made when it is first read. */
export type LazyConnection<T> = Connection<T, PageInfo | Promise<PageInfo>>;

export interface Edge<T> {
  readonly cursor: string;
  readonly node: T;
}

/**
 * The edges of a page's rows, whose cursors are written when they are read: most pages are asked for their nodes and one
 * cursor.
 */
export const edgesOf = <T>(rows: readonly T[], cursorOf: (row: T) => string): readonly Edge<T>[] =>
  rows.map((row) => new LazyEdge(row, cursorOf));

class LazyEdge<T> implements Edge<T> {
  readonly node: T;
  private readonly cursorOf: (node: T) => string;

  constructor(node: T, cursorOf: (node: T) => string) {
    this.node = node;
    this.cursorOf = cursorOf;
  }

  get cursor(): string {
    return this.cursorOf(this.node);
  }
}

/**
 * Cursors are those of the first and last edge; null when there is no edge. Of a list that had to be searched for its
 * rows, or has rows that cannot be read, they may lie further out, beside the last row that was looked at, also when
 * there is no edge.
 */
export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/**
 * Checks sizes and mixtures. No argument at all means the first page.
 * @throws GatewayError BAD_USER_INPUT naming the argument.
 */
export function pageRequest(args: ForwardArguments): ForwardRequest & { readonly before: null };
export function pageRequest(args: ConnectionArguments): PageRequest;
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

/** Where the pages next to this one go on, when that is not just beside the outermost edges. */
export interface Ends {
  readonly startCursor?: string | null | undefined;
  readonly endCursor?: string | null | undefined;
}

/** Puts a page together from its edges; their cursors are written when `pageInfo` is read. */
export function connection<T>(
  edges: readonly Edge<T>[],
  more: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean },
  ends: Ends = {},
): Connection<T> {
  return {
    edges,
    get pageInfo() {
      const { startCursor = edges[0]?.cursor ?? null, endCursor = edges.at(-1)?.cursor ?? null } = ends;
      return { ...more, startCursor, endCursor };
    },
  };
}

/** The same, where `hasNextPage` is asked once, if anybody wants to know. */
export function lazyConnection<T>(
  edges: readonly Edge<T>[],
  more: { readonly hasNextPage: () => Promise<boolean>; readonly hasPreviousPage: boolean },
  ends?: Ends,
): LazyConnection<T> {
  let asked: Promise<PageInfo> | undefined;
  return {
    edges,
    get pageInfo() {
      asked ??= more
        .hasNextPage()
        .then((hasNextPage) => connection(edges, { ...more, hasNextPage }, ends).pageInfo);
      return asked;
    },
  };
}
