import { openSqliteStore, openSqliteStoreForReading, type Store } from '../app/store.ts';
import type { Config } from '../config.ts';

/** Works on the configured store, while gateways may run. @throws Error when it cannot be opened. */
export const withStore = <T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> =>
  closing(openSqliteStore(config.store.path), work);

/** The same for who only looks: nothing is made or changed. */
export const withStoreForReading = <T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> =>
  closing(openSqliteStoreForReading(config.store.path), work);

async function closing<T>(store: Store, work: (store: Store) => Promise<T>): Promise<T> {
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}
