import type { DocumentNode } from 'graphql';
import { LRUCache } from 'lru-cache';

/** Characters of the documents that are kept parsed: what comes of one takes some hundred times its bytes. */
const KEPT_CHARACTERS = 500_000;
const KEPT_MISTAKEN_CHARACTERS = 100_000;

const boundedBySize = <Value extends object>(maxSize: number) =>
  new LRUCache<string, Value>({ maxSize, sizeCalculation: (_value, text) => Math.max(1, text.length) });

/** Yoga's own caches are bounded by the number of documents: a thousand large ones would take gigabytes. */
export const createDocumentCache = () => ({
  documentCache: boundedBySize<DocumentNode>(KEPT_CHARACTERS),
  errorCache: boundedBySize<Error>(KEPT_MISTAKEN_CHARACTERS),
});
