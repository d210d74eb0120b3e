/**
 * Where sessions are kept. The store sees no secret: a row is named by the hash of its token, and what it holds is
 * sealed. Every adapter keeps every promise here (test/contract/session-store.ts).
 */
export interface SessionStore {
  /**
   * Adds a row; it survives a restart as soon as the promise resolves, as do all changes below.
   * @throws Error when the id is taken.
   */
  create(row: NewSessionRow): Promise<SessionRow>;

  /**
   * The row as it stands, or null. Never older than a change that has resolved here, or that a listener was told of.
   * An expired row is still answered until `deleteExpired` took it away: judging that is the caller's business.
   */
  get(id: string): Promise<SessionRow | null>;

  /**
   * Compare-and-set: writes `row` only if the stored version is `expectedVersion`. Of many that expect the same
   * version, in any number of processes, exactly one succeeds.
   * @returns the row with its new version, or null when it was not written, because it changed or is gone.
   */
  replace(row: NewSessionRow, expectedVersion: number): Promise<SessionRow | null>;

  /** @returns whether there was a row to delete: of many that try, exactly one is told true. */
  delete(id: string): Promise<boolean>;

  /**
   * True the first time that this id is used, and false from then on, in every process, until `expiresAt`
   * (milliseconds since the epoch) has passed. Ids of marks and of rows are apart.
   */
  useOnce(id: string, expiresAt: number): Promise<boolean>;

  /**
   * Deletes the rows and the use-marks that expired at `now` (milliseconds since the epoch) or before. A row that
   * was extended meanwhile stays.
   * @returns how many rows were deleted.
   */
  deleteExpired(now: number): Promise<number>;

  /**
   * Every row, once, in no promised order. Rows may be changed while this is read; one that is created or changed
   * meanwhile may be seen as it was or as it is.
   */
  all(): AsyncIterable<SessionRow>;

  /**
   * Tells of every replaced or deleted row: of a change made through this store before that change resolves, of
   * changes by other processes, where the adapter serves several, as soon as they are known. The same change may be
   * told twice. Where changes may have been missed, `unknown` says so. Listeners must not throw.
   * @returns stops the telling.
   */
  watch(listener: (change: SessionChange) => void): () => void;

  /** Ends the watching. The database or connection belongs to whoever opened it. */
  close(): Promise<void>;
}

export interface NewSessionRow {
  /** SHA-256 of the session's token, 64 hex digits. */
  readonly id: string;
  /** Milliseconds since the epoch; never changes. */
  readonly createdAt: number;
  /** When the session ends unless it is used again, milliseconds since the epoch. */
  readonly expiresAt: number;
  /** What the session holds, as `Sealer.seal` wrote it for this id. */
  readonly sealed: string;
}

export interface SessionRow extends NewSessionRow {
  /** Given by the store: another one after every write. Compared, never counted. */
  readonly version: number;
}

export type SessionChange =
  | { readonly kind: 'replaced' | 'deleted'; readonly id: string }
  /** Any row may have been replaced or deleted. */
  | { readonly kind: 'unknown' };
