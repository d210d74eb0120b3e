/**
 * A node, or its id alone, which costs no upstream call: the other members are undefined then. An id may stand in a node's
 * place where selection.ts has shown that nothing is asked that it does not answer.
 */
export type Ref<T extends { readonly id: string }> = T;

export const idOnly = <T extends { readonly id: string }>(id: T['id']): Ref<T> =>
  new IdOnly(id) as { readonly id: string } as Ref<T>;

class IdOnly {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get providerId(): string {
    return this.id;
  }
}
