import { expect } from 'vitest';
import type { Gateway } from '../support/gateway.ts';

/** A page of bank transactions. */
export interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly providerId: string } }[];
  readonly nodes: readonly { readonly providerId: string }[];
  readonly totalCount: number | null;
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** What it cost: requests to Casso. */
  readonly calls: number;
}

const PAGE = `{
  edges { cursor node { providerId } }
  nodes { providerId }
  totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
}`;

/** A way to ask for pages of the list under a filter, by whoever asks; each page is checked to agree with itself. */
export function pages(gateway: Gateway, token: string, first: number, filter: object = {}) {
  return async (after: string | null): Promise<Page> => {
    const { data, errors, upstream } = await gateway.ask(
      `query ($first: Int, $after: String, $filter: BankTransactionFilter) {
        bankTransactions(first: $first, after: $after, filter: $filter) ${PAGE}
      }`,
      { first, after, filter },
      token,
    );
    expect(errors).toBeUndefined();
    const page: Page = { ...data?.bankTransactions, calls: upstream?.casso };
    expect(page.nodes).toEqual(page.edges.map(({ node }) => node));
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    expect(page.pageInfo.startCursor).toBe(page.edges[0]?.cursor ?? null);
    expect(page.pageInfo.endCursor).toBe(page.edges.at(-1)?.cursor ?? null);
    return page;
  };
}

export const idsOf = (walked: readonly Page[]) =>
  walked.flatMap(({ edges }) => edges.map(({ node }) => node.providerId));
export const costOf = (walked: readonly Page[]) => walked.reduce((sum, { calls }) => sum + calls, 0);
