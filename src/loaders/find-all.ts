/** Rows of one list page: the most that Bongloy gives, and what is asked of Casso. */
const PAGE = 100;

/** Rows of a list, newest first, and whether older ones follow. */
export interface OlderRows<T> {
  readonly rows: readonly T[];
  readonly hasOlder: boolean;
}

/** Fetches the newest rows, or those that follow the row `after`. */
export type FetchRows<T> = (page: {
  readonly size: number;
  readonly after?: string;
}) => Promise<OlderRows<T>>;

/**
 * Finds rows by their ids with as few calls as the provider's API allows: one id is looked up by itself; several are
 * looked for in list pages, newest first, until all are found or the list (or `maxPages`) ends. Ids that a complete
 * list does not hold do not exist; those behind the last page that was read are looked up one by one.
 * @returns in the order of `ids`, null for what does not exist, an Error where a single look-up failed.
 */
export async function findAll<T extends { readonly id: string }>(
  ids: readonly string[],
  single: (id: string) => Promise<T | null>,
  page: FetchRows<T>,
  maxPages = Number.POSITIVE_INFINITY,
): Promise<(T | null | Error)[]> {
  const [only] = ids;
  if (only !== undefined && ids.length === 1) return [await single(only)];
  const missing = new Set(ids);
  const found = new Map<string, T | null | Error>();
  let position: Parameters<FetchRows<T>>[0] = { size: PAGE };
  let complete = false;
  for (let read = 0; read < maxPages && missing.size > 0 && !complete; read += 1) {
    const { rows, hasOlder } = await page(position);
    for (const row of rows) if (missing.delete(row.id)) found.set(row.id, row);
    const last = rows.at(-1);
    complete = !hasOlder || last === undefined;
    if (last) position = { size: PAGE, after: last.id };
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
