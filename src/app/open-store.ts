import type { Config } from '../config.ts';
import type { Logger } from '../lib/logger.ts';
import type { Store } from './store.ts';
import { openSqliteStore, openSqliteStoreAlone, openSqliteStoreForReading } from './store-sqlite.ts';

type Settings = Pick<Config, 'store' | 'eventRetentionDays' | 'sessionMaxDays'>;

/** @throws Error when it cannot be opened or reached, or exists with other settings than these. */
export async function openStore({ store, ...days }: Settings, logger: Logger): Promise<Store> {
  if (store.kind === 'sqlite') return openSqliteStore(store.path);
  const openNatsStore = await loadNats();
  return openNatsStore({ ...store, ...days, logger });
}

/** The same for a gateway: a database file has one at a time. */
export async function openStoreAlone(settings: Settings, logger: Logger): Promise<Store> {
  const { store } = settings;
  return store.kind === 'sqlite' ? openSqliteStoreAlone(store.path) : openStore(settings, logger);
}

/**
 * The same for who only looks: no file is made or changed, and no stream.
 * @throws StreamMissing when no gateway has started on that cluster yet.
 */
export async function openStoreForReading({ store, ...days }: Settings, logger: Logger): Promise<Store> {
  if (store.kind === 'sqlite') return openSqliteStoreForReading(store.path);
  const openNatsStore = await loadNats();
  return openNatsStore({ ...store, ...days, logger, onlyLooks: true });
}

/** Only where there is a cluster. */
const loadNats = async () => (await import('./store-nats.ts')).openNatsStore;
