import { ConfigError, readConfig } from './config.ts';
import { resealAll } from './sessions/reseal.ts';
import { createSealer } from './sessions/sealing.ts';
import { createSqliteSessionStore } from './sessions/sqlite.ts';
import { openDatabase } from './store/database.ts';

/**
 * Seals all sessions with the first of `STORE_KEYS`: the second of three steps of changing a key. First put the new
 * key in front and restart the gateway, then run this (the gateway may run), then take the old key out.
 */
try {
  const config = readConfig(process.env);
  const database = openDatabase(config.store.path);
  const report = await resealAll(createSqliteSessionStore(database), createSealer(config.storeKeys));
  database.close();
  process.stdout.write(
    `${report.resealed} sessions sealed with the first key, ${report.current} were already, ` +
      `${report.unreadable} cannot be opened with any of the keys.\n`,
  );
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
