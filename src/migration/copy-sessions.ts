import type { SessionRow, SessionStore } from '../sessions/store.ts';

/** Rows that are on their way at once. */
const PORTION = 50;

/**
 * Makes the sessions of `to` those of `from`, as they are: they stay sealed, so the gateway needs the same
 * `STORE_KEYS`. What is in `to` alone goes: the session was ended since an earlier run. Only for a `to` that no gateway
 * works on.
 * @param onCopied called for each, with how many there are so far.
 */
export async function copySessions(
  from: Pick<SessionStore, 'all'>,
  to: SessionStore,
  onCopied: (copied: number) => void,
  signal: AbortSignal,
): Promise<number> {
  const stale = new Set<string>();
  for await (const { id } of to.all()) stale.add(id);
  let copied = 0;

  async function copy(row: SessionRow): Promise<void> {
    const there = stale.delete(row.id) ? await to.get(row.id) : null;
    if (!there) await to.create(row);
    else if (there.sealed !== row.sealed || there.expiresAt !== row.expiresAt) {
      await to.replace(row, there.version);
    }
    copied += 1;
    onCopied(copied);
  }

  for await (const portion of portions(from.all())) {
    signal.throwIfAborted();
    await Promise.all(portion.map(copy));
  }
  for (const id of stale) await to.delete(id);
  return copied;
}

async function* portions<T>(all: AsyncIterable<T>): AsyncIterable<readonly T[]> {
  let portion: T[] = [];
  for await (const each of all) {
    portion.push(each);
    if (portion.length < PORTION) continue;
    yield portion;
    portion = [];
  }
  yield portion;
}
