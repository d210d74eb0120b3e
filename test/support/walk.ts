import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import type { WireTransaction } from '../../src/providers/casso/wire.ts';
import type { Gateway } from './gateway.ts';

/** As much of a page as is needed to go on. */
interface Walkable {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/**
 * Every page from the newest row on, until the list says that it ends, or `maxPages` are there.
 * @param between what happens after each page before the next is asked for, with the number of pages so far.
 */
export async function walk<Page extends Walkable>(
  ask: (after: string | null) => Promise<Page>,
  { between, maxPages = 1_000 }: { between?: (pages: number) => unknown; maxPages?: number } = {},
): Promise<Page[]> {
  const pages = [await ask(null)];
  for (let last = pages[0]; last?.pageInfo.hasNextPage && pages.length < maxPages; last = pages.at(-1)) {
    await between?.(pages.length);
    pages.push(await ask(last.pageInfo.endCursor));
  }
  return pages;
}

/** Every row of a business as Casso itself lists it, newest first: what the gateway's answers must agree with. */
export async function listCasso(
  { casso }: Gateway,
  business: keyof typeof SANDBOX_BUSINESSES,
): Promise<readonly WireTransaction[]> {
  const whole = 'fromDate=2010-01-01&toDate=2100-01-01&page=1&pageSize=10000&sort=DESC';
  const response = await fetch(`${casso.url}/v2/transactions?${whole}`, {
    headers: { authorization: `Apikey ${SANDBOX_BUSINESSES[business].apiKey}` },
  });
  const { data } = (await response.json()) as { data: { records: WireTransaction[] } };
  return data.records;
}
