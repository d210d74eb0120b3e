import { type Connection, connection, type Edge, type LazyConnection } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { badUserInput, GatewayError } from './errors.ts';

/** A list that takes part in the merge, newest first. */
export interface Source<Name extends string, T> {
  readonly name: Name;
  /**
   * A forward page. It may hold fewer rows than asked for and still have more, behind its `endCursor`.
   * @throws GatewayError when the source cannot answer now; BAD_USER_INPUT when `after` is not its cursor.
   */
  page(first: number, after: string | null): Promise<LazyConnection<T>>;
}

export interface MergedConnection<Name extends string, T> extends Connection<T> {
  /** Sources that gave no answer. Their rows come with later pages, after older rows of the others. */
  readonly failed: readonly { readonly name: Name; readonly error: GatewayError }[];
}

/**
 * One page of several lists merged newest first; equal times in the order of the sources. No source is reordered.
 *
 * A cursor holds a position for each source, so that nothing is lost or repeated while rows arrive, while a source
 * fails, or while it is not linked. One that fails keeps its position: `hasNextPage` is then true, and the page may be
 * empty but for `endCursor`. Each source is asked once, for `first` rows, and no more once it has ended. Rows that
 * arrive during a walk come up in it only if their source had not been shown from before.
 * @param after a cursor of an earlier page; null for the first.
 * @throws GatewayError BAD_USER_INPUT when `after` is no such cursor or a source does not know its part; and whatever
 *   a source throws that is no GatewayError.
 */
export async function mergeNewestFirst<Name extends string, T>(
  sources: readonly Source<Name, T>[],
  first: number,
  after: string | null,
  occurredAt: (row: T) => Date,
): Promise<MergedConnection<Name, T>> {
  const before = after === null ? {} : decodePositions(after);
  const lanes = await Promise.all(sources.map((source) => ask(source, first, before[source.name] ?? null)));
  const cursor = () =>
    encodePositions({ ...before, ...Object.fromEntries(lanes.map((lane) => [lane.name, position(lane)])) });

  const edges: Edge<T>[] = [];
  while (edges.length < first && !lanes.some(isWaiting)) {
    const lane = newest(lanes, occurredAt);
    const node = lane?.edges[lane.taken]?.node;
    if (!lane || node === undefined) break;
    lane.taken += 1;
    edges.push({ cursor: cursor(), node });
  }
  const hasNextPage = lanes.some((lane) => position(lane) !== ENDED);
  const endCursor = edges.at(-1)?.cursor ?? (hasNextPage ? cursor() : null);
  return {
    ...connection(edges, { hasNextPage, hasPreviousPage: after !== null }, { endCursor }),
    failed: lanes.flatMap(({ name, error }) => (error ? [{ name, error }] : [])),
  };
}

/** Where a source goes on: after a cursor of its own, or at its head (null). Or not at all. */
type Position = string | null | typeof ENDED;
const ENDED = false;

/** What a source brings to one page. */
interface Lane<Name, T> {
  readonly name: Name;
  readonly start: Position;
  readonly edges: readonly Edge<T>[];
  /** Where it goes on when all edges are taken. */
  readonly end: Position;
  readonly error: GatewayError | null;
  /** How many of the edges are merged. */
  taken: number;
}

async function ask<Name extends string, T>(
  source: Source<Name, T>,
  first: number,
  start: Position,
): Promise<Lane<Name, T>> {
  const lane = { name: source.name, start, edges: [], end: start, error: null, taken: 0 };
  if (start === ENDED) return lane;
  try {
    const page = await source.page(first, start);
    const { edges } = page;
    const pageInfo = await page.pageInfo;
    return { ...lane, edges, end: pageInfo.hasNextPage ? (pageInfo.endCursor ?? start) : ENDED };
  } catch (error) {
    if (error instanceof GatewayError && error.code !== 'BAD_USER_INPUT') return { ...lane, error };
    throw error;
  }
}

function position<T>({ start, edges, end, taken }: Lane<string, T>): Position {
  if (taken === edges.length) return end;
  return edges[taken - 1]?.cursor ?? start;
}

/** It has more rows than it brought: what comes next in the merge is not known before it is asked again. */
const isWaiting = <T>({ edges, end, error, taken }: Lane<string, T>): boolean =>
  taken === edges.length && end !== ENDED && error === null;

/** The lane whose next row is the newest; of equal ones the first. */
function newest<Name, T>(
  lanes: readonly Lane<Name, T>[],
  occurredAt: (row: T) => Date,
): Lane<Name, T> | undefined {
  let best: { lane: Lane<Name, T>; time: number } | undefined;
  for (const lane of lanes) {
    const edge = lane.edges[lane.taken];
    const time = edge && occurredAt(edge.node).getTime();
    if (time !== undefined && (!best || time > best.time)) best = { lane, time };
  }
  return best?.lane;
}

const KIND = 'activity';

type Positions = Readonly<Record<string, Position>>;

const encodePositions = (positions: Positions): string => encodeCursor(KIND, JSON.stringify(positions));

function decodePositions(cursor: string): Positions {
  const text = decodeCursor(cursor, KIND, 'after');
  try {
    const value: unknown = JSON.parse(text);
    if (isPositions(value)) return value;
  } catch {
    // Not JSON: the same answer as for JSON of another shape.
  }
  throw badUserInput('after', 'after is not a cursor of this list.');
}

function isPositions(value: unknown): value is Positions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((p) => p === null || p === ENDED || typeof p === 'string');
}
