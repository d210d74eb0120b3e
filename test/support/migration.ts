import { jetstreamManager } from '@nats-io/jetstream';
import type { Store } from '../../src/app/store.ts';
import { openNatsStore } from '../../src/app/store-nats.ts';
import { openSqliteStore } from '../../src/app/store-sqlite.ts';
import { encodeEventCursor } from '../../src/events/cursor.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { connectNats } from '../../src/store/nats.ts';
import { bankEvent, bongloyEvent } from './events.ts';

const QUIET = { logger: createLogger('silent') };

/** As the settings of a gateway on that server say it. */
export const target = (url: string) => ({
  ...QUIET,
  url,
  replicas: 1,
  eventRetentionDays: 30,
  sessionMaxDays: 90,
});

/** The store of a gateway that starts on that server now. */
export const openMoved = (url: string): Promise<Store> => openNatsStore(target(url));

/** Everything on that server goes. */
export async function wipe(url: string): Promise<void> {
  const nats = await connectNats({ url, ...QUIET });
  const jsm = await jetstreamManager(nats.connection);
  for await (const { config } of jsm.streams.list()) await jsm.streams.delete(config.name);
  await nats.close();
}

/** Opens a store for as long as it is worked with: for a database file, one life of a gateway. */
export async function withStore<T>(opened: Store | Promise<Store>, work: (store: Store) => Promise<T>) {
  const store = await opened;
  try {
    return await work(store);
  } finally {
    await store.log.close();
    await store.close();
  }
}
export const withFile = <T>(path: string, work: (store: Store) => Promise<T>): Promise<T> =>
  withStore(openSqliteStore(path), work);
export const withMoved = <T>(url: string, work: (store: Store) => Promise<T>): Promise<T> =>
  withStore(openMoved(url), work);

/** Something that happens to a log in the life of a gateway. */
export type Happening =
  | { readonly kind: 'append'; readonly count: number }
  | { readonly kind: 'trim'; readonly to: number }
  | { readonly kind: 'restart' };

/** Plays a history on a database file. @returns every cursor that a client may have been given meanwhile. */
export async function play(path: string, history: readonly Happening[]): Promise<Set<string>> {
  const cursors = new Set<string>();
  let appended = 0;
  const lives: Happening[][] = [[]];
  for (const happening of history) {
    if (happening.kind === 'restart') lives.push([]);
    else lives.at(-1)?.push(happening);
  }
  for (const life of lives) {
    await withFile(path, async ({ log }) => {
      cursors.add(encodeEventCursor(log, await log.end()));
      for (const happening of life) {
        if (happening.kind === 'trim') await log.trim(happening.to);
        if (happening.kind !== 'append') continue;
        for (let n = 0; n < happening.count; n += 1) {
          appended += 1;
          const event = appended % 2 ? bankEvent({}, appended) : bongloyEvent({ receivedAt: appended });
          const [result] = await log.append([event]);
          cursors.add(encodeEventCursor(log, result?.position ?? 0));
        }
      }
    });
  }
  return cursors;
}
