import type { Store } from '../app/store.ts';
import type { Config } from '../config.ts';

/** Works on the configured store, while gateways may run. @throws Error when it cannot be opened. */
export const withStore = <T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> =>
  withOpened('openStore', config, work);

/** The same for who only looks: nothing that is there is changed. */
export const withStoreForReading = <T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> =>
  withOpened('openStoreForReading', config, work);

/** The same for who appends to the log: a database file has one process that does. @throws DatabaseInUse while a gateway runs. */
export const withStoreAlone = <T>(config: Config, work: (store: Store) => Promise<T>): Promise<T> =>
  withOpened('openStoreAlone', config, work);

async function withOpened<T>(
  how: 'openStore' | 'openStoreForReading' | 'openStoreAlone',
  config: Config,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const { [how]: open } = await import('../app/open-store.ts');
  const { createLogger } = await import('../lib/logger.ts');
  const store = await open(config, createLogger(config.logLevel));
  try {
    return await work(store);
  } finally {
    await store.log.close();
    await store.close();
  }
}
