import type { AsideRow, AsideStore } from '../aside/store.ts';

/**
 * Makes what is kept aside in `to` the same as in `from`, in its order and sealed as it is. What is in `to` alone goes: it was
 * replayed or discarded since an earlier run. Only for a `to` that no gateway works on.
 * @param onCopied called for each, with how many there are so far.
 */
export async function copyAside(
  from: Pick<AsideStore, 'all'>,
  to: AsideStore,
  onCopied: (copied: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const stale = new Map<string, AsideRow>();
  for await (const row of to.all()) stale.set(row.id, row);
  let copied = 0;
  for await (const row of from.all()) {
    signal.throwIfAborted();
    const there = stale.get(row.id);
    stale.delete(row.id);
    if (!there) await to.keep(row);
    else if (there.sealed !== row.sealed) await to.replace({ ...there, sealed: row.sealed }, there.version);
    copied += 1;
    onCopied(copied);
  }
  for (const { id, version } of stale.values()) await to.delete(id, version);
  return copied;
}
