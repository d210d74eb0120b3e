import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = new URL('../../', import.meta.url).pathname;

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  /** What follows the language: `test`, `stream`, `recipe`, or nothing. */
  readonly mark: string;
  readonly text: string;
}

export interface Page {
  /** From the project's folder: `docs/login.md`. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
}

const FENCE = /^```(\w+) ?(\w*)\n([\s\S]*?)^```$/gm;

export function page(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const blocks = [...text.matchAll(FENCE)].map(([, language = '', mark = '', block = '']) => ({
    language,
    mark,
    text: block,
  }));
  return { path, text, blocks };
}

/** All that a reader is led to: those at the top, and docs/. */
export const pages = (): readonly Page[] =>
  [
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `docs/${name}`),
  ].map(page);
