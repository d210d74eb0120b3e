/**
 * The requests of one operation, each made once, however long the operation takes and whatever is forgotten meanwhile: the
 * price that an operation was allowed for counts them so. One that failed may be tried again.
 */
export class Once {
  readonly #asked = new Map<string, Promise<unknown>>();

  get<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = this.#asked.get(key) as Promise<T> | undefined;
    if (asked) return asked;
    const asking = ask();
    this.#asked.set(key, asking);
    asking.catch(() => this.#asked.delete(key));
    return asking;
  }
}
