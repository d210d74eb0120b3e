import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Characters of the documents that are kept parsed: what comes of one takes some hundred times its bytes. */
const KEPT_CHARACTERS = 500_000;
const KEPT_MISTAKEN_CHARACTERS = 100_000;

/** By text. */
export const boundedBySize = <Value extends object>(maxSize: number): LRUCache<string, Value> =>
  new LRUCache({ maxSize, sizeCalculation: (_value, text) => Math.max(1, text.length) });

/** Yoga's own caches are bounded by the number of documents: a thousand large ones would take gigabytes. */
export const createDocumentCache = () => ({
  documentCache: boundedBySize<DocumentNode>(KEPT_CHARACTERS),
  errorCache: boundedBySize<Error>(KEPT_MISTAKEN_CHARACTERS),
});
