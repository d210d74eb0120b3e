import { plain } from './terminal.ts';

/* How commands print texts that somebody else wrote: each function here makes them `plain`, or escapes them. */

/** What is printed as JSON, or as a listing of its members. */
export interface Document {
  readonly [name: string]: Value;
}

type Value = string | number | boolean | null | Document;

/** A row of a table. @param widths of its columns; what comes last takes what it needs. */
export const columns = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, index) => plain(cell).padEnd(widths[index] ?? 0))
    .join(' ')
    .trimEnd();

/** One line. */
export const jsonLine = (document: Document): string => escapedJson(JSON.stringify(document));

/** JSON does not escape some characters that terminals obey (C1, bidirectional ones): here they are escaped, and mean the same. */
export const escapedJson = (json: string): string =>
  json.replace(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => sign.split('').map(escape).join(''));

const escape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A line for each member; what lies within is indented. */
export function listing(document: Document, indent = ''): string {
  return Object.entries(document)
    .map(([name, value]) => {
      const label = `${indent}${plain(name)}`;
      if (isDocument(value)) return `${label}\n${listing(value, `${indent}  `)}`;
      return `${label.padEnd(20)} ${value === null ? '–' : plain(String(value))}\n`;
    })
    .join('');
}

const isDocument = (value: Value): value is Document => typeof value === 'object' && value !== null;
