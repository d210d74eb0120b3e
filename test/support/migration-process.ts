/** Moves a database file to a NATS server, and prints `copying` when that has begun: a process that a test may kill. */
import { migrateStore } from '../../src/migration/migrate.ts';
import { target } from './migration.ts';

const [, , from = '', url = ''] = process.argv;
await migrateStore({
  from,
  to: target(url),
  onProgress(done) {
    if (done > 0) process.stdout.write('copying\n');
  },
});
