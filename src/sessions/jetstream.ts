import { createHash } from 'node:crypto';
import { DAY } from '../lib/duration.ts';
import { createListeners } from '../lib/listeners.ts';
import type { Logger } from '../lib/logger.ts';
import type { Nats } from '../store/nats.ts';
import { type Entry, openBucket } from '../store/nats-bucket.ts';
import { noQuorumNeeded, type Quorum } from '../store/nats-quorum.ts';
import type { NewSessionRow, SessionChange, SessionRow, SessionStore } from './store.ts';

export interface JetStreamSessionStoreOptions {
  readonly nats: Nats;
  /** Of the bucket of sessions; that of the use-marks is beside it. Letters, digits, `-` and `_`. */
  readonly bucket: string;
  /** How many servers keep each row: 1, 3 or 5. */
  readonly replicas: number;
  /** A row goes by itself this long after its last write: no session may last longer (`SESSION_MAX_DAYS`). */
  readonly maxDays: number;
  /** Asked before a session is said to be unknown. */
  readonly quorum?: Pick<Quorum, 'prove'>;
  readonly logger?: Logger;
}

/** Rows that are deleted at once by `deleteExpired`. */
const STEP = 50;
/** A use-mark goes by itself after this, and none may be asked to last longer. */
const MARK_TTL = DAY;

/**
 * Sessions in a KV bucket, for any number of gateway processes: a version is the entry's revision. What a process
 * changes is told to the listeners of all of them.
 */
export async function createJetStreamSessionStore(
  options: JetStreamSessionStoreOptions,
): Promise<SessionStore> {
  const { nats, bucket: name, replicas, maxDays, quorum = noQuorumNeeded, logger } = options;
  const rows = await openBucket({ nats, name, replicas, ttl: maxDays * DAY });
  const marks = await openBucket({ nats, name: `${name}_marks`, replicas, ttl: MARK_TTL });
  const listeners = createListeners<SessionChange>();
  const { tell } = listeners;
  const feed = await rows.feed({
    onChange(id, entry) {
      if (!entry) tell({ id, kind: 'deleted' });
      else if (!toKept(entry)?.isNew) tell({ id, kind: 'replaced' });
    },
    onReplaced() {
      logger?.warn('the bucket of sessions was made again: every open session is looked up in the new one');
      tell({ kind: 'unknown' });
    },
  });

  async function remove(row: SessionRow): Promise<boolean> {
    if (!(await rows.remove(row.id, row.version))) return false;
    tell({ id: row.id, kind: 'deleted' });
    return true;
  }

  async function get(id: string): Promise<SessionRow | null> {
    let entry = await rows.get(id);
    if (!entry) {
      // A leader that was cut off and does not know it yet may not have heard of it.
      await quorum.prove();
      entry = await rows.get(id);
    }
    return entry && toRow(entry);
  }

  return {
    get,

    async create(row) {
      const version = await rows.write(row.id, toValue(row, true), 0);
      if (version === null) throw new Error('the session id is taken');
      return { ...row, version };
    },

    async replace(row, expectedVersion) {
      const version = await rows.write(row.id, toValue(row, false), expectedVersion);
      if (version === null) return null;
      tell({ id: row.id, kind: 'replaced' });
      return { ...row, version };
    },

    async delete(id) {
      for (;;) {
        const row = await get(id);
        if (!row) return false;
        if (await remove(row)) return true;
      }
    },

    async useOnce(id) {
      const key = createHash('sha256').update(id).digest('hex');
      return (await marks.write(key, '', 0)) !== null;
    },

    async deleteExpired(now) {
      let count = 0;
      let expired: SessionRow[] = [];
      const removeThem = async (): Promise<void> => {
        count += (await Promise.all(expired.map(remove))).filter(Boolean).length;
        expired = [];
      };
      for await (const entry of rows.entries()) {
        const row = toRow(entry);
        if (row && row.expiresAt <= now) expired.push(row);
        if (expired.length === STEP) await removeThem();
      }
      await removeThem();
      return count;
    },

    async *all() {
      const seen = new Set<string>();
      for await (const entry of rows.entries()) {
        const row = toRow(entry);
        if (row && !seen.has(entry.key)) yield row;
        seen.add(entry.key);
      }
    },

    watch: listeners.add,

    async close() {
      listeners.clear();
      feed.stop();
    },
  };
}

interface KeptRow extends Omit<NewSessionRow, 'id'> {
  /** Written by `create`: nothing was replaced. */
  readonly isNew: boolean;
}

const toValue = ({ createdAt, expiresAt, sealed }: NewSessionRow, isNew: boolean): string =>
  JSON.stringify({ createdAt, expiresAt, sealed, isNew } satisfies KeptRow);

/** Null: something else than a session is kept there, which no reader may stumble over. */
function toKept({ value }: Entry): KeptRow | null {
  try {
    const kept = JSON.parse(value) as KeptRow;
    return typeof kept.sealed === 'string' ? kept : null;
  } catch {
    return null;
  }
}

function toRow(entry: Entry): SessionRow | null {
  const kept = toKept(entry);
  if (!kept) return null;
  const { createdAt, expiresAt, sealed } = kept;
  return { id: entry.key, createdAt, expiresAt, sealed, version: entry.revision };
}
