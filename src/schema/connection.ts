import type { Connection } from '../domain/connection.ts';

/** The same page with its nodes turned into what the schema type stands for. */
export function connectionOf<T, N, Info>(
  page: Connection<T, Info>,
  node: (value: T) => N,
): Connection<N, Info> {
  return {
    edges: page.edges.map((edge) => ({
      node: node(edge.node),
      get cursor() {
        return edge.cursor;
      },
    })),
    get pageInfo() {
      return page.pageInfo;
    },
  };
}
