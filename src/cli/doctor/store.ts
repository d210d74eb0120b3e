import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config, SqliteConfig } from '../../config.ts';
import { explainError } from '../../lib/start-error.ts';
import type { SealCount } from '../../sessions/count-seals.ts';
import { createSealer } from '../../sessions/sealing.ts';
import { StreamMissing } from '../../store/stream-missing.ts';
import { counted } from '../counted.ts';
import { type SealedKind, sealedKinds } from '../keys/sealed.ts';
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
  withStoreForReading(config, async (store) => {
    const [end, trimmedTo] = await Promise.all([store.log.end(), store.log.trimmedTo()]);
    const sealer = createSealer(config.storeKeys);
    const seals: Seals[] = [];
    for (const kind of sealedKinds(store)) seals.push({ ...kind, ...(await kind.count(sealer)) });
    const found = [counted(end - trimmedTo, 'event'), ...seals.map((kind) => kind.counted(allOf(kind)))];
    return [
      ok(ABOUT, `can be read: ${found.join(', ')}`),
      ...(await store.advice()).map(({ says, cure }) => warn(ABOUT, says, cure)),
      ...findAside(seals),
      ...findKeys(seals),
    ];
  });

type Seals = SealCount & Pick<SealedKind, 'name' | 'counted' | 'lost'>;

const allOf = ({ current, old, unreadable }: SealCount): number => current + old + unreadable;

const findAside = (seals: readonly Seals[]): Finding[] =>
  seals
    .filter((kind) => kind.name === 'aside' && allOf(kind) > 0)
    .map((kind) =>
      warn(
        ABOUT,
        `${kind.counted(allOf(kind))}: authentic, and not understood, so that no subscriber received it`,
        'Run: mekong events aside. docs/operating.md tells what to do.',
      ),
    );

function findKeys(seals: readonly Seals[]): Finding[] {
  const findings = seals.flatMap(({ counted: of, lost, old, unreadable }) => [
    ...(old > 0 ? [warn('keys', `an old key is still needed by ${of(old)}`, 'Run: mekong keys reseal')] : []),
    ...(unreadable > 0
      ? [
          warn(
            'keys',
            `${of(unreadable)} sealed with a key that is not in STORE_KEYS: ${lost}`,
            'Put the key that is missing back into STORE_KEYS, if you have it.',
          ),
        ]
      : []),
  ]);
  return findings.length > 0
    ? findings
    : [ok('keys', 'the first of STORE_KEYS opens everything that is sealed')];
}

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
