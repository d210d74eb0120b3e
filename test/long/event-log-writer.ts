/**
 * Appends to the log in the file that it is given until it is killed, and prints each acknowledged append as a line:
 * the keys and the positions. Standard output is a pipe, which Node writes at once.
 */
import { createSqliteEventLog } from '../../src/events/sqlite.ts';
import { openDatabase } from '../../src/store/database.ts';
import { bongloyEvent, keysOf } from '../support/events.ts';

const [, , path = ''] = process.argv;
const log = createSqliteEventLog({ database: openDatabase(path) });

async function write(size: number): Promise<never> {
  for (;;) {
    const events = Array.from({ length: size }, () => bongloyEvent());
    const results = await log.append(events);
    process.stdout.write(
      `${JSON.stringify({ keys: keysOf(events), positions: results.map((r) => r.position) })}\n`,
    );
  }
}

await Promise.all([write(1), write(1), write(2), write(3)]);
