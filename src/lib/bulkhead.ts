/** Work that is under way at once, bounded; more of it waits for its turn, first come, first served. */
export class Bulkhead {
  #free: number;
  readonly #queue: number;
  readonly #waiting = new Set<() => void>();
  #isHandingOut = false;

  /** @param concurrency how much is under way at most. @param queue how much waits at most; as much as comes by default. */
  constructor(concurrency: number, queue = Number.POSITIVE_INFINITY) {
    this.#free = concurrency;
    this.#queue = queue;
  }

  /** Does the work as soon as there is a place for it. @throws Error where too much waits already; what the work throws. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (!this.enter()) {
      await new Promise<void>((turn, refuse) => {
        if (!this.wait(turn)) refuse(new Error('too much work waits for its turn already'));
      });
    }
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  /** Takes a place, which `leave` gives back. @returns false: none is free. */
  enter(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** Calls `turn` once it has a place, which `leave` gives back. @returns false: too many wait already. */
  wait(turn: () => void): boolean {
    if (this.#waiting.size >= this.#queue) return false;
    this.#waiting.add(turn);
    return true;
  }

  /** Waits no more. */
  quit(turn: () => void): void {
    this.#waiting.delete(turn);
  }

  leave(): void {
    this.#free += 1;
    // A turn may leave again at once: the loop below hands its place on, so that no thousand turns stand on one another.
    if (this.#isHandingOut) return;
    this.#isHandingOut = true;
    for (const turn of this.#waiting) {
      if (!this.enter()) break;
      this.#waiting.delete(turn);
      turn();
    }
    this.#isHandingOut = false;
  }
}
