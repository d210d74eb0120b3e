import { openStore, openStoreForReading } from '../app/open-store.ts';
import type { Store } from '../app/store.ts';
import type { Config } from '../config.ts';
import { createLogger } from '../lib/logger.ts';

/** Works on the configured store, while gateways may run. @throws Error when it cannot be opened. */
export const withStore = <T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> =>
  closing(openStore(config, createLogger(config.logLevel)), work);

/** The same for who only looks: nothing that is there is changed. */
export const withStoreForReading = <T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> =>
  closing(openStoreForReading(config, createLogger(config.logLevel)), work);

async function closing<T>(opening: Promise<Store>, work: (store: Store) => Promise<T>): Promise<T> {
  const store = await opening;
  try {
    return await work(store);
  } finally {
    await store.log.close();
    await store.close();
  }
}
