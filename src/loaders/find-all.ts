import { UnreadableAnswer } from '../domain/errors.ts';
import type { Provider } from '../domain/provider.ts';
import { isReadable, type RowOutcome } from '../domain/unreadable-row.ts';

/** Rows of a list, newest first, and whether older ones follow. */
export interface OlderRows<T> {
  readonly rows: readonly RowOutcome<T>[];
  readonly hasOlder: boolean;
}

/**
 * Finds rows by their ids with as few calls as the provider's API allows: one id is looked up by itself; several are
 * looked for in list pages, newest first, until all are found or the pages end. Ids that a complete list does not hold do
 * not exist; those behind the last page that was read are looked up one by one.
 * @param pages the list's, from the newest on; fetched as they are taken.
 * @returns in the order of `ids`, null for what does not exist, an Error where a single look-up failed or the row cannot
 *   be read.
 */
export async function findAll<T extends { readonly id: string }>(
  provider: Provider,
  ids: readonly string[],
  single: (id: string) => Promise<T | null>,
  pages: AsyncIterable<OlderRows<T>>,
): Promise<(T | null | Error)[]> {
  const [only] = ids;
  if (only === undefined) return [];
  if (ids.length === 1) return [await single(only)];
  return findInPages(provider, ids, single, pages);
}

/**
 * The same of a list that is short enough to be read, for one operation: the first id that comes alone is looked up by
 * itself, and whatever comes later in the list. Rows below different pages come one page after the other: looked up by
 * themselves, each would cost a call.
 * @param isAsked whether the list has been asked for anyway.
 */
export function findInList<T extends { readonly id: string }>(
  provider: Provider,
  single: (id: string) => Promise<T | null>,
  pages: () => AsyncIterable<OlderRows<T>>,
  isAsked: () => boolean = () => false,
): (ids: readonly string[]) => Promise<(T | null | Error)[]> {
  let isFirst = true;
  return (ids) => {
    const find = isFirst && !isAsked() ? findAll : findInPages;
    isFirst = false;
    return find(provider, ids, single, pages());
  };
}

async function findInPages<T extends { readonly id: string }>(
  provider: Provider,
  ids: readonly string[],
  single: (id: string) => Promise<T | null>,
  pages: AsyncIterable<OlderRows<T>>,
): Promise<(T | null | Error)[]> {
  const missing = new Set(ids);
  const found = new Map<string, T | null | Error>();
  let complete = false;
  for await (const { rows, hasOlder } of pages) {
    for (const row of rows) {
      if (row.id === null || !missing.delete(row.id)) continue;
      found.set(row.id, isReadable(row) ? row : new UnreadableAnswer(provider));
    }
    complete = !hasOlder || rows.length === 0;
    if (missing.size === 0) break;
  }
  if (!complete) {
    const rest = [...missing];
    const settled = await Promise.allSettled(rest.map(single));
    settled.forEach((result, index) => {
      found.set(rest[index] ?? '', result.status === 'fulfilled' ? result.value : result.reason);
    });
  }
  return ids.map((id) => found.get(id) ?? null);
}

/** A list of which one page alone is looked at. */
export async function* onePage<T>(page: () => Promise<OlderRows<T>>): AsyncGenerator<OlderRows<T>> {
  yield await page();
}
