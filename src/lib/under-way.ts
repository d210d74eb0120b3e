/** Work of one kind that is under way, for whoever has to wait until it is done. */
export interface UnderWay {
  /** @returns the work itself. */
  add<T>(work: Promise<T>): Promise<T>;
  /** Resolves when nothing is under way, however it ended; what is added meanwhile is waited for too. */
  idle(): Promise<void>;
}

export function createUnderWay(): UnderWay {
  const works = new Set<Promise<unknown>>();
  return {
    add(work) {
      works.add(work);
      const forget = () => works.delete(work);
      work.then(forget, forget);
      return work;
    },
    async idle() {
      while (works.size > 0) await Promise.allSettled(works);
    },
  };
}
