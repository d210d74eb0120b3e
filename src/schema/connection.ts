import { type Connection, lazyEdge } from '../domain/connection.ts';

/** The same page with its nodes turned into what the schema type stands for. */
export function connectionOf<T, N>({ edges, pageInfo }: Connection<T>, node: (value: T) => N): Connection<N> {
  return { edges: edges.map((edge) => lazyEdge(node(edge.node), () => edge.cursor)), pageInfo };
}
