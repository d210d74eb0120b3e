import type { AsideRow, AsideStore } from '../../../aside/store.ts';
import { UsageError } from '../../run.ts';

/** @param name an id, or how one begins. @throws UsageError when there is no such row, or several. */
export async function findRow(store: Pick<AsideStore, 'all'>, name: string): Promise<AsideRow> {
  const found: AsideRow[] = [];
  for await (const row of store.all()) if (row.id.startsWith(name)) found.push(row);
  const [row] = found;
  if (!row) throw new UsageError('Nothing is kept aside under that id. See: mekong events aside');
  if (found.length > 1) throw new UsageError(`${found.length} ids begin like that: give more of it.`);
  return row;
}
