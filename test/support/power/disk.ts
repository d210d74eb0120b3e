import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Change } from './recording.ts';

/** Of a write that is under way when the power goes, a disk keeps whole sectors of this many bytes. */
export type Sector = 512 | 4096;

/** Decides what a disk keeps of changes that were not synced: asked once for each name, and for each sector of a write. */
export interface Loss {
  readonly sector: Sector;
  keeps(): boolean;
}

type Written = Extract<Change, { kind: 'write' | 'truncate' }>;

interface Content {
  /** What is on the disk for certain. */
  synced: Buffer;
  /** What was done since then, in order. */
  unsynced: Written[];
}

type Entry = Content | 'folder';

/** A folder's names; what is said of them is kept apart from what the files hold, as the system does. */
interface Names {
  readonly synced: Map<string, Entry>;
  /** What was done since then, in order: a name that gets an entry, loses it, or both at once for a rename. */
  unsynced: (readonly { readonly name: string; readonly entry: Entry | null }[])[];
}

/**
 * What a disk holds for certain and what may be lost, after any number of changes. As strict as POSIX: data is safe once its file
 * is synced, a name once its folder is; what is not may be there or not, each on its own and in any order.
 */
export class Disk {
  readonly #folders = new Map<string, Names>([['', { synced: new Map(), unsynced: [] }]]);

  /** A disk that holds this folder, all of it synced. */
  static of(folder: string): Disk {
    const disk = new Disk();
    disk.#load(folder, '');
    return disk;
  }

  apply(change: Change): void {
    const { path } = change;
    switch (change.kind) {
      case 'folder':
        this.#folders.set(path, { synced: new Map(), unsynced: [] });
        return this.#name([[path, 'folder']]);
      case 'create':
        return this.#name([[path, { synced: Buffer.alloc(0), unsynced: [] }]]);
      case 'remove':
        return this.#name([[path, null]]);
      case 'rename':
        return this.#name([
          [path, null],
          [change.to, this.#at(path)],
        ]);
      case 'sync': {
        const names = this.#folders.get(path);
        if (names) settle(names);
        else {
          const content = this.#file(path);
          content.synced = result(content.synced, content.unsynced);
          content.unsynced = [];
        }
        return;
      }
      case 'write':
      case 'truncate':
        this.#file(path).unsynced.push(change);
    }
  }

  /** Writes below `target` what the disk holds after a loss. */
  writeAfter(loss: Loss, target: string): void {
    this.#write('', target, loss);
  }

  #load(folder: string, path: string): void {
    const names: Names = { synced: new Map(), unsynced: [] };
    this.#folders.set(path, names);
    for (const name of readdirSync(join(folder, path))) {
      const below = join(path, name);
      if (statSync(join(folder, below)).isDirectory()) {
        names.synced.set(name, 'folder');
        this.#load(folder, below);
      } else if (!name.endsWith('-shm')) {
        names.synced.set(name, { synced: readFileSync(join(folder, below)), unsynced: [] });
      }
    }
  }

  #name(changes: readonly (readonly [path: string, entry: Entry | null])[]): void {
    const [[first] = ['']] = changes;
    const folder = parent(first);
    if (changes.some(([path]) => parent(path) !== folder)) throw new Error('a rename to another folder');
    this.#names(folder).unsynced.push(changes.map(([path, entry]) => ({ name: last(path), entry })));
  }

  #names(path: string): Names {
    const names = this.#folders.get(path);
    if (!names) throw new Error(`${path} is no folder`);
    return names;
  }

  #at(path: string): Entry {
    const { synced, unsynced } = this.#names(parent(path));
    const name = last(path);
    const newest = unsynced.flat().findLast((change) => change.name === name);
    const entry = newest ? newest.entry : synced.get(name);
    if (!entry) throw new Error(`${path} is not there`);
    return entry;
  }

  #file(path: string): Content {
    const entry = this.#at(path);
    if (entry === 'folder') throw new Error(`${path} is a folder`);
    return entry;
  }

  #write(path: string, target: string, loss: Loss): void {
    mkdirSync(join(target, path), { recursive: true });
    const { synced, unsynced } = this.#names(path);
    const names = { synced: new Map(synced), unsynced: unsynced.filter(() => loss.keeps()) };
    settle(names);
    for (const [name, entry] of names.synced) {
      const below = join(path, name);
      if (entry === 'folder') this.#write(below, target, loss);
      else
        writeFileSync(
          join(target, below),
          result(
            entry.synced,
            entry.unsynced.flatMap((one) => kept(one, loss)),
          ),
        );
    }
  }
}

const parent = (path: string): string => (path.includes('/') ? dirname(path) : '');
const last = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function settle(names: Names): void {
  for (const { name, entry } of names.unsynced.flat()) {
    if (entry) names.synced.set(name, entry);
    else names.synced.delete(name);
  }
  names.unsynced = [];
}

/** Of a write the sectors that the disk has. */
function kept(change: Written, loss: Loss): Written[] {
  if (change.kind === 'truncate') return loss.keeps() ? [change] : [];
  const parts: Written[] = [];
  for (let from = 0; from < change.data.length; ) {
    const offset = change.offset + from;
    const to = Math.min(change.data.length, from + loss.sector - (offset % loss.sector));
    if (loss.keeps()) parts.push({ ...change, offset, data: change.data.subarray(from, to) });
    from = to;
  }
  return parts;
}

function result(synced: Buffer, changes: readonly Written[]): Buffer {
  let size = synced.length;
  let room = synced.length;
  for (const change of changes)
    room = Math.max(room, change.kind === 'write' ? change.offset + change.data.length : change.size);
  const content = Buffer.alloc(room);
  synced.copy(content);
  for (const change of changes) {
    if (change.kind === 'write') {
      change.data.copy(content, change.offset);
      size = Math.max(size, change.offset + change.data.length);
    } else {
      content.fill(0, Math.min(change.size, size), size);
      size = change.size;
    }
  }
  return content.subarray(0, size);
}
