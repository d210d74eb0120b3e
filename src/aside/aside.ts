import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Provider } from '../domain/provider.ts';
import type { Sealer } from '../sessions/sealing.ts';
import type { AsideRow, AsideStore } from './store.ts';

/** Something authentic that was not understood, or not wholly: a delivery, or a row that reconciliation read. */
export interface NotUnderstood {
  readonly provider: Provider;
  /** How it was authenticated, which also says how it is to be read. */
  readonly scheme: string;
  /** Why, a short constant. */
  readonly reason: string;
  /** Milliseconds since the epoch. */
  readonly receivedAt: number;
  readonly content: Content;
}

/** What is sealed. */
export interface Content {
  /** The bytes as they came. */
  readonly body: Buffer;
  /** Keys of its events that the log has had: they are not appended again, also when the log has forgotten them. */
  readonly taken: readonly string[];
  /** Those of them that the log holds otherwise: what came first stays there. */
  readonly corrections: readonly string[];
}

/** What is authentic and not understood, sealed on disk until a later version reads it. */
export interface Aside {
  /**
   * Keeps it; what is kept already stays as it is, so that a repeated delivery is kept once.
   * @param name what it is known by; its bytes, where nothing is given.
   * @returns false when it was kept before.
   * @throws AsideFull, AsideUnavailable
   */
  keep(thing: NotUnderstood, name?: string): Promise<boolean>;
  /** @throws SealError when none of the keys opens it. */
  open(row: AsideRow): Promise<Content>;
  /** Writes down what the log has had by now. @returns false when the row has changed or is gone. */
  update(row: AsideRow, content: Content): Promise<boolean>;
}

/** As JSON. Compressed: a store takes a megabyte at once, and a body may be that large before it is sealed. */
interface Sealed extends Omit<Content, 'body'> {
  readonly gzip: string;
}

export function createAside(store: AsideStore, sealer: Sealer): Aside {
  const seal = (id: string, { body, ...keys }: Content): Promise<string> =>
    sealer.seal(asideBinding(id), { ...keys, gzip: gzipSync(body).toString('base64') } satisfies Sealed);

  return {
    async keep({ content, ...about }, name) {
      const id = idOf(about.provider, name ?? content.body);
      return store.keep({ ...about, id, sealed: await seal(id, content) });
    },

    async open({ id, sealed }) {
      const { gzip, ...keys } = (await sealer.open(asideBinding(id), sealed)) as Sealed;
      return { ...keys, body: gunzipSync(Buffer.from(gzip, 'base64')) };
    },

    async update(row, content) {
      const sealed = await seal(row.id, content);
      return (await store.replace({ ...row, sealed }, row.version)) !== null;
    },
  };
}

/** What a row's sealed text is bound to, so that it opens in its own row alone. */
export const asideBinding = (id: string): string => `aside:${id}`;

/** The same for the same bytes of a provider, or the same name. */
const idOf = (provider: Provider, known: Buffer | string): string =>
  createHash('sha256').update(`${provider}\n`).update(known).digest('hex').slice(0, 32);
