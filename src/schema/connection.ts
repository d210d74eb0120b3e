import type { Connection } from '../domain/connection.ts';

/** The same page with its nodes turned into what the schema type stands for. */
export function connectionOf<T, N>({ edges, pageInfo }: Connection<T>, node: (value: T) => N): Connection<N> {
  return { edges: edges.map(({ cursor, node: value }) => ({ cursor, node: node(value) })), pageInfo };
}
