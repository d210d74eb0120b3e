/** Who wants to be told of something. Listeners must not throw. */
export interface Listeners<T> {
  /** @returns stops the telling. The same function may listen twice, and stops once for each. */
  readonly add: (listener: (told: T) => void) => () => void;
  readonly tell: (told: T) => void;
  readonly clear: () => void;
}

export function createListeners<T>(): Listeners<T> {
  const listeners = new Set<(told: T) => void>();
  return {
    add(listener) {
      const own = (told: T): void => listener(told);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    tell(told) {
      for (const listener of listeners) listener(told);
    },
    clear: () => listeners.clear(),
  };
}
