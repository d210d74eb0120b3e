import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config, SqliteConfig } from '../../config.ts';
import { explainError } from '../../lib/start-error.ts';
import { countSeals } from '../../sessions/count-seals.ts';
import { createSealer } from '../../sessions/sealing.ts';
import { StreamMissing } from '../../store/stream-missing.ts';
import { counted } from '../counted.ts';
import { withStore, withStoreForReading } from '../store.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const ABOUT = 'store';
/** Bytes; a day of busy traffic. */
const SCARCE = 500 * 1024 * 1024;

/** Whether the store can be read and written, and the keys open what is in it. Nothing is made, and what it holds stays. */
export async function checkStore(config: Config): Promise<Finding[]> {
  const { store } = config;
  const room = store.kind === 'sqlite' ? checkFolder(store) : [];
  if (room.some(({ status }) => status === 'fail')) return room;
  if (store.kind === 'sqlite' && !existsSync(store.path)) {
    return [ok(ABOUT, `${store.path} is not there yet, and can be made`), ...room];
  }
  try {
    const inside = await lookInside(config);
    // As the gateway does it before it says that it is ready.
    await withStore(config, (store) => store.tryWrite());
    return [...inside, ...room];
  } catch (error) {
    if (error instanceof StreamMissing) return [ok(ABOUT, `can be reached; ${error.message}`)];
    const cure =
      store.kind === 'sqlite'
        ? 'Let this user read and write the file and its folder, or set another STORE_URL.'
        : 'Check STORE_URL and the NATS_ settings; JetStream must be on, and the user allowed to use it.';
    return [fail(ABOUT, explainError(error), cure)];
  }
}

const lookInside = (config: Config): Promise<Finding[]> =>
  withStoreForReading(config, async ({ log, sessions }) => {
    const [end, trimmedTo, seals] = await Promise.all([
      log.end(),
      log.trimmedTo(),
      countSeals(sessions, createSealer(config.storeKeys)),
    ]);
    const count = seals.current + seals.old + seals.unreadable;
    const findings = [
      ok(ABOUT, `can be read: ${counted(end - trimmedTo, 'event')}, ${counted(count, 'session')}`),
    ];
    if (seals.old > 0) {
      findings.push(
        warn(
          'keys',
          `an old key is still needed by ${counted(seals.old, 'session')}`,
          'Run: mekong keys reseal',
        ),
      );
    }
    if (seals.unreadable > 0) {
      const says = `${counted(seals.unreadable, 'session')} sealed with a key that is not in STORE_KEYS: each takes a new login`;
      findings.push(warn('keys', says, 'Put the key that is missing back into STORE_KEYS, if you have it.'));
    }
    if (seals.old + seals.unreadable === 0)
      findings.push(ok('keys', 'the first of STORE_KEYS opens every session'));
    return findings;
  });

function checkFolder({ path }: SqliteConfig): Finding[] {
  let folder = dirname(path);
  while (!existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    return [
      fail(
        ABOUT,
        `this user may not write in ${folder}`,
        'Change the folder’s owner, or set another STORE_URL.',
      ),
    ];
  }
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= SCARCE) return [];
  const left = Math.floor((bavail * bsize) / 1024 / 1024);
  return [
    warn('disk', `${left} MiB are left where the database is`, 'Make room: a full disk refuses webhooks.'),
  ];
}
