/**
 * Stands in the place of a row that the provider sent and that cannot be read, because a member that says which row it
 * is, or how much money it is about, is not what the provider documents.
 */
export class UnreadableRow {
  /** The provider's own id, where that much can be read. */
  readonly id: string | null;
  /** The first member that is wrong, by the provider's name for it: a constant of ours, for logs and metrics. */
  readonly member: string;
  /** The row as it came, parsed. It may hold personal data: never logged. */
  readonly raw: unknown;

  constructor(id: string | null, member: string, raw: unknown) {
    this.id = id;
    this.member = member;
    this.raw = raw;
  }
}

/** What a row of a list or a webhook comes to. */
export type RowOutcome<T> = T | UnreadableRow;

export const isUnreadable = (row: unknown): row is UnreadableRow => row instanceof UnreadableRow;
export const isReadable = <T>(row: RowOutcome<T>): row is T => !isUnreadable(row);
