import type { Provider } from '../domain/provider.ts';

/**
 * Where deliveries are kept that are authentic and not (wholly) understood. The store reads nothing of them: what came is sealed.
 * A row stays until it is deleted: nothing goes by its age. Every adapter keeps every promise here (test/contract/aside-store.ts).
 */
export interface AsideStore {
  /**
   * Adds a row behind all others; it survives a restart as soon as the promise resolves, as do all changes below.
   * @returns false, and changes nothing, when there is a row with that id already.
   * @throws AsideFull when the rows of that provider would be larger together than the store's bound: nothing was added.
   * @throws AsideUnavailable when the store cannot be written now; to try again is safe.
   */
  keep(row: NewAsideRow): Promise<boolean>;

  /** The row as it stands, or null. */
  get(id: string): Promise<AsideRow | null>;

  /**
   * Compare-and-set of `sealed`, which keeps the row's place in the order.
   * @returns the row with its new version, or null when it was not written, because it changed or is gone.
   */
  replace(row: AsideRow, expectedVersion: number): Promise<AsideRow | null>;

  /** @returns whether the row stood at that version, and is now gone. */
  delete(id: string, expectedVersion: number): Promise<boolean>;

  /**
   * Every row, once, in the order in which they came (of two providers' rows of one millisecond either may be first). Rows may
   * be changed and deleted while this is read.
   */
  all(): AsyncIterable<AsideRow>;

  /** What is kept now of a provider. */
  size(provider: Provider): Promise<AsideSize>;
}

export interface NewAsideRow {
  /** Names what came: the same delivery has the same id. 32 hex digits. */
  readonly id: string;
  readonly provider: Provider;
  /** How it was authenticated, which also says how it is to be read. */
  readonly scheme: string;
  /** Why it was not understood, or not wholly: a short constant. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  /** What came, as `Sealer.seal` wrote it for this id. */
  readonly sealed: string;
}

export interface AsideRow extends NewAsideRow {
  /** Given by the store: another one after every write. Compared, never counted. */
  readonly version: number;
}

export interface AsideSize {
  readonly rows: number;
  /** Of what is sealed, and of what the store adds to it. */
  readonly bytes: number;
}

/**
 * Bytes that are kept of one provider, at most: some ten thousand deliveries. Each provider has its own bound, so that
 * one who fills up Bongloy's (its deliveries do not sign their body) takes no room from Casso's.
 */
export const ASIDE_LIMIT = 64 * 1024 * 1024;

/** The store cannot be written now. Nothing is lost: the provider repeats the delivery. */
export class AsideUnavailable extends Error {
  override readonly name: string = 'AsideUnavailable';
}

/** There is no room for more of that provider until what is kept has been replayed or discarded. */
export class AsideFull extends AsideUnavailable {
  override readonly name = 'AsideFull';

  constructor(provider: Provider) {
    super(
      `no more deliveries of ${provider} can be kept aside: replay or discard some (mekong events aside)`,
    );
  }
}
