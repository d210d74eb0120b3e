/** Where a row stands in its list: its sort value, then the order of insertion. */
export interface Position {
  readonly key: string;
  readonly sequence: number;
}

export interface Row<R> extends Position {
  /** The cardholder's id: nobody else may read the row. */
  readonly owner: string;
  readonly resource: R;
}

/** Above 0 when `a` is newer than `b`, below 0 when older. */
export function compareAge(a: Position, b: Position): number {
  if (a.key !== b.key) return a.key > b.key ? 1 : -1;
  return a.sequence - b.sequence;
}

/**
 * A table that is always read newest first. `keyOf` gives the sort value, compared as text; rows that share it
 * stand in the reverse order of insertion, as all rows do without it. A replaced row keeps its place.
 */
export class NewestFirst<R extends { readonly id: string }> {
  readonly #keyOf: ((resource: R) => string) | undefined;
  readonly #byId = new Map<string, Row<R>>();
  #rows: Row<R>[] = [];
  #sequence = 0;

  constructor(keyOf?: (resource: R) => string) {
    this.#keyOf = keyOf;
  }

  insert(owner: string, resource: R): void {
    this.#sequence += 1;
    const key = this.#keyOf?.(resource) ?? String(this.#sequence).padStart(12, '0');
    const row = { owner, resource, key, sequence: this.#sequence };
    const found = this.#rows.findIndex((other) => compareAge(other, row) < 0);
    this.#rows.splice(found < 0 ? this.#rows.length : found, 0, row);
    this.#byId.set(resource.id, row);
  }

  replace(resource: R): void {
    const old = this.#byId.get(resource.id);
    if (!old) return;
    const row = { ...old, resource };
    this.#rows[this.#rows.indexOf(old)] = row;
    this.#byId.set(resource.id, row);
  }

  /** False if there was no such row. */
  delete(id: string): boolean {
    this.#rows = this.#rows.filter((row) => row.resource.id !== id);
    return this.#byId.delete(id);
  }

  /** Whoever owns it. */
  get(id: string): Row<R> | undefined {
    return this.#byId.get(id);
  }

  ownedBy(owner: string): readonly Row<R>[] {
    return this.#rows.filter((row) => row.owner === owner);
  }
}
