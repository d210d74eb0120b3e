import { nestsDeeper } from './nesting.ts';

export type StrictJson =
  | { readonly value: unknown }
  | { readonly refused: 'not-utf-8' | 'not-json' | 'too-deep' | 'forbidden-key' | 'duplicate-key' };

/** More than any provider's document, and little enough that whoever walks the value may recurse. */
const MAX_DEPTH = 32;

/** Keys that mean something else than a member when a value is copied carelessly. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** In a JSON text: every string, and the signs that make its structure. Numbers and words are stepped over. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]/g;

/**
 * JSON as it means the same to everybody: for bytes from strangers that are parsed before they are trusted. Linear in
 * the size of the input, which the caller has bounded; never throws.
 *
 * Refused are bytes that are not UTF-8, texts that are not JSON (RFC 8259), objects and lists nested more than
 * `maxDepth` deep, two members of one name in an object (compared as they read, so `"a"` is `"\u0061"`), and
 * members named `__proto__`, `constructor` or `prototype`. Not refused are half surrogates, as banks cut texts in the
 * middle of a character, and numbers beyond 2^53 or written as no JavaScript would (`1.0`): these become the nearest
 * double, as with JSON.parse.
 */
export function parseStrictJson(bytes: Uint8Array, { maxDepth = MAX_DEPTH } = {}): StrictJson {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { refused: 'not-utf-8' };
  }
  if (nestsDeeper(text, maxDepth)) return { refused: 'too-deep' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { refused: 'not-json' };
  }
  return inspect(text) ?? { value };
}

/** @param text is known to be JSON: the walk need not judge its grammar. */
function inspect(text: string): StrictJson | null {
  /** The names seen in each object that is open, null for a list; innermost last. */
  const open: (Set<string> | null)[] = [];
  let string = '';
  for (const [token] of text.matchAll(TOKENS)) {
    if (token === '{' || token === '[') {
      open.push(token === '{' ? new Set() : null);
    } else if (token === '}' || token === ']') {
      open.pop();
    } else if (token === ':') {
      const key = string.includes('\\') ? String(JSON.parse(string)) : string.slice(1, -1);
      if (FORBIDDEN_KEYS.has(key)) return { refused: 'forbidden-key' };
      const names = open.at(-1);
      if (names?.has(key)) return { refused: 'duplicate-key' };
      names?.add(key);
    } else {
      string = token;
    }
  }
  return null;
}
