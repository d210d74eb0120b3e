import { isReadable, type RowOutcome } from '../../domain/unreadable-row.ts';

/** One row as all lists of a credential show it: a list that fetches it again corrects it for the others. */
export interface Cell<T> {
  row: RowOutcome<T>;
}

/** The rows that are held of one credential, by their id. */
export class HeldRows<T extends { readonly id: string }> {
  readonly #cells = new Map<string, Cell<T>>();

  get size(): number {
    return this.#cells.size;
  }

  /** What was fetched last wins. */
  fetched(row: RowOutcome<T>): Cell<T> {
    if (row.id === null) return { row };
    const held = this.#cells.get(row.id);
    if (held) held.row = row;
    return held ?? this.#add(row.id, row);
  }

  /** A row that a webhook brought: where the row was fetched, that stays. */
  told(row: T): Cell<T> {
    return this.#cells.get(row.id) ?? this.#add(row.id, row);
  }

  get(id: string): T | null {
    const row = this.#cells.get(id)?.row;
    return row && isReadable(row) ? row : null;
  }

  /** Lets go of all rows but these. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#cells.keys()) if (!ids.has(id)) this.#cells.delete(id);
  }

  #add(id: string, row: RowOutcome<T>): Cell<T> {
    const cell = { row };
    this.#cells.set(id, cell);
    return cell;
  }
}
