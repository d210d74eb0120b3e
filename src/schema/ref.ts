/**
 * A node whose id is known and whose fields may not have been fetched: an id alone costs no upstream call.
 * Whoever makes one without a value must have seen (selection.ts) that only its id is asked for.
 */
export interface Ref<T> {
  readonly id: string;
  readonly value: T | undefined;
}

export const loaded = <T extends { readonly id: string }>(value: T): Ref<T> => ({ id: value.id, value });

export const idOnly = <T>(id: string): Ref<T> => ({ id, value: undefined });

/** A resolver that reads the fetched value. */
export const read =
  <T, R>(pick: (value: T) => R) =>
  ({ value }: Ref<T>): R => {
    if (value === undefined) throw new Error('a field was asked of a node that was not fetched');
    return pick(value);
  };
