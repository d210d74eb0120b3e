import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a process did to the files below a folder; paths are relative to it, and the folder itself is `''`. */
export type Change =
  | { readonly kind: 'create' | 'folder' | 'remove' | 'sync'; readonly path: string }
  | { readonly kind: 'write'; readonly path: string; readonly offset: number; readonly data: Buffer }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string };

/** A change, and where its entry ends in the record: what happened before had a smaller `length()`. */
export type Recorded = Change & { readonly end: number };

/** What a process of the test writes and syncs below a folder. */
export interface Recording {
  /** The settings with which a process is recorded. */
  readonly env: NodeJS.ProcessEnv;
  /** Bytes recorded so far: a moment, to be compared with `Recorded.end`. */
  length(): number;
  /** @throws Error when something was done that is not recorded. */
  changes(): Recorded[];
  remove(): void;
}

const SOURCE = fileURLToPath(new URL('recorder.c', import.meta.url));
const KINDS = { C: 'create', D: 'folder', U: 'remove', S: 'sync' } as const;
/** Of an entry before its path: kind, lengths of path and data, offset. */
const HEAD = 1 + 2 + 4 + 8;

/** @param folder an absolute path without links. Needs `cc`. */
export function startRecording(folder: string): Recording {
  const own = mkdtempSync(join(tmpdir(), 'mekong-power-'));
  const library = join(own, 'recorder.so');
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, SOURCE, '-ldl', '-lpthread']);
  const file = join(own, 'record');
  return {
    env: { LD_PRELOAD: library, POWER_FOLDER: folder, POWER_RECORD: file },
    length: () => statSync(file, { throwIfNoEntry: false })?.size ?? 0,
    changes: () => parse(readFileSync(file), folder),
    remove: () => rmSync(own, { recursive: true }),
  };
}

function parse(record: Buffer, folder: string): Recorded[] {
  const changes: Recorded[] = [];
  for (let at = 0; at < record.length; ) {
    const kind = record.toString('latin1', at, at + 1);
    const pathEnd = at + HEAD + record.readUInt16LE(at + 1);
    const end = pathEnd + record.readUInt32LE(at + 3);
    const offset = Number(record.readBigInt64LE(at + 7));
    const path = record.toString('utf8', at + HEAD + folder.length + 1, pathEnd);
    const data = record.subarray(pathEnd, end);
    // The index of a write-ahead log is made again by the next process that opens it.
    if (!path.endsWith('-shm')) changes.push({ ...change(kind, path, offset, data, folder), end });
    at = end;
  }
  return changes;
}

function change(kind: string, path: string, offset: number, data: Buffer, folder: string): Change {
  switch (kind) {
    case 'C':
    case 'D':
    case 'U':
    case 'S':
      return { kind: KINDS[kind], path };
    case 'W':
      return { kind: 'write', path, offset, data };
    case 'T':
      return { kind: 'truncate', path, size: offset };
    case 'R':
      return { kind: 'rename', path, to: data.toString('utf8', folder.length + 1) };
    default:
      throw new Error(`${path}: ${data.toString()} is not recorded`);
  }
}
