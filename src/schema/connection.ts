import { type Connection, lazyEdge } from '../domain/connection.ts';

/** The same page with its nodes turned into what the schema type stands for. */
export function connectionOf<T, N, Info>(
  page: Connection<T, Info>,
  node: (value: T) => N,
): Connection<N, Info> {
  return {
    edges: page.edges.map((edge) => lazyEdge(node(edge.node), () => edge.cursor)),
    get pageInfo() {
      return page.pageInfo;
    },
  };
}
