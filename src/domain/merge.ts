import { type Connection, connection } from './connection.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { GatewayError } from './errors.ts';
export interface Source<Name extends string, T> {
  readonly name: Name;
  page(first: number, after: string | null): Promise<Connection<T>>;
}
export interface MergedConnection<Name extends string, T> extends Connection<T> {
  readonly failed: readonly { readonly name: Name; readonly error: GatewayError }[];
}
export async function mergeNewestFirst<Name extends string, T>(
  sources: readonly Source<Name, T>[],
  first: number,
  after: string | null,
  timeOf: (v: T) => Date,
): Promise<MergedConnection<Name, T>> {
  const position: Record<string, string | null> =
    after === null ? {} : JSON.parse(decodeCursor(after, 'activity', 'after'));
  const failed: { name: Name; error: GatewayError }[] = [];
  const lists = await Promise.all(
    sources.map(async (s) => {
      try {
        const p = await s.page(Math.min(100, first + 1), position[s.name] ?? null);
        return { s, edges: [...p.edges] };
      } catch (error) {
        if (!(error instanceof GatewayError)) throw error;
        failed.push({ name: s.name, error });
        return { s, edges: [] };
      }
    }),
  );
  const edges: { cursor: string; node: T }[] = [];
  let at = { ...position };
  while (edges.length < first) {
    let best: (typeof lists)[number] | undefined;
    for (const l of lists) {
      const h = l.edges[0];
      if (h && (!best?.edges[0] || timeOf(h.node) > timeOf(best.edges[0].node))) best = l;
    }
    const e = best?.edges.shift();
    if (!best || !e) break;
    at = { ...at, [best.s.name]: e.cursor };
    edges.push({ cursor: encodeCursor('activity', JSON.stringify(at)), node: e.node });
  }
  return {
    ...connection(edges, {
      hasNextPage: lists.some((l) => l.edges.length > 0),
      hasPreviousPage: after !== null,
    }),
    failed,
  };
}
