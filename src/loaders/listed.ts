import { isReadable } from '../domain/unreadable-row.ts';
import type { ListPage, Slice } from '../providers/bongloy/client.ts';
import { everyPage } from '../providers/bongloy/pagination.ts';
import { findInList } from './find-all.ts';
import { batchLookup, type Lookup } from './lookup.ts';

/** How one kind of thing is asked for. */
interface Asked<T> {
  readonly single: (id: string) => Promise<T | null>;
  readonly page: (page: ListPage) => Promise<Slice<T>>;
}

/** Accounts or cards by their ids: a cardholder has few, in a list that is short enough to be read. */
export class Listed<T extends { readonly id: string }> {
  readonly #page: Asked<T>['page'];
  readonly #lookup: Lookup<T | null>;
  readonly #known = new Map<string, T>();
  #ahead: Promise<Slice<T>> | undefined;

  constructor({ single, page }: Asked<T>) {
    this.#page = page;
    const first: Asked<T>['page'] = (asked) =>
      asked.after === undefined && this.#ahead ? this.#ahead : page(asked);
    this.#lookup = batchLookup(
      findInList(
        'BONGLOY',
        single,
        () => everyPage(first),
        () => this.#ahead !== undefined,
      ),
    );
  }

  /** One by its id costs one call; several the list, also one after the other. Null: unknown or somebody else's. */
  load(id: string): Promise<T | null> {
    return this.#lookup.load(id);
  }

  /**
   * Asks for the list before any id is known. Resolved when it has come; when it cannot be had, too, as those who load
   * from it get the error, and it is not asked for again.
   */
  async ahead(): Promise<void> {
    this.#ahead ??= this.#page({ size: 100 });
    try {
      const { rows } = await this.#ahead;
      for (const row of rows) if (isReadable(row)) this.#known.set(row.id, row);
    } catch {
      // Told by `load`.
    }
  }

  /** What the list that was asked for ahead has under this id. */
  known(id: string): T | undefined {
    return this.#known.get(id);
  }
}
