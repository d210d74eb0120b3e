import DataLoader from 'dataloader';

/**
 * Looks each id up once in an operation. All who ask for it get one and the same promise, which DataLoader's own cache
 * would wrap in two more for each of them. One that failed is not looked up again.
 */
export class Lookup<T> {
  readonly #asked = new Map<string, Promise<T>>();
  readonly #find: (id: string) => Promise<T>;

  constructor(find: (id: string) => Promise<T>) {
    this.#find = find;
  }

  load(id: string): Promise<T> {
    let asked = this.#asked.get(id);
    if (!asked) {
      asked = this.#find(id);
      this.#asked.set(id, asked);
    }
    return asked;
  }
}

/** The same for what is found together: `find` gets the ids that are asked for in one turn of the loop (DataLoader). */
export function batchLookup<T>(find: DataLoader.BatchLoadFn<string, T>): Lookup<T> {
  const loader = new DataLoader(find, { cache: false });
  return new Lookup((id) => loader.load(id));
}
