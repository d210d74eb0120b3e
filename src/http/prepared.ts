import { type DocumentNode, type ExecutionArgs, getOperationAST } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { LRUCache } from 'lru-cache';
import type { TrustedDocuments } from '../trusted-documents/manifest.ts';
import { boundedBySize } from './limits/document-cache.ts';
import { DOCUMENT_ID, documentText } from './trusted-documents.ts';

/**
 * Documents of queries that Yoga has parsed, validated and let run, and that are compiled since, by their text. What else
 * is known of one (its program, its prices, where a variable stands) hangs on the document, in the plugin that found it out.
 */
export type PreparedDocuments = LRUCache<string, DocumentNode>;

/** Characters of these documents, most of which Yoga keeps, too. The queries of a large frontend have as many. */
const PREPARED_CHARACTERS = 250_000;

export const createPreparedDocuments = (): PreparedDocuments => boundedBySize(PREPARED_CHARACTERS);

/** What is executed of a request. */
export type PreparedOperation = Pick<ExecutionArgs, 'document' | 'operationName' | 'variableValues'>;

const PARAMETERS: ReadonlySet<string> = new Set([
  'query',
  'operationName',
  'variables',
  'extensions',
  DOCUMENT_ID,
]);

/** @returns null when the document is not prepared, or the parameters are none that Yoga would run: Yoga says so. */
export function preparedOperation(
  documents: PreparedDocuments,
  trusted: TrustedDocuments | null,
  parameters: GraphQLParams,
): PreparedOperation | null {
  for (const name in parameters) if (!PARAMETERS.has(name)) return null;
  const { query, operationName, variables, extensions } = parameters;
  if (!isTextOrNone(query) || !isTextOrNone(operationName)) return null;
  if (!isObjectOrNone(variables) || !isObjectOrNone(extensions)) return null;
  const document = documents.get(textOf(trusted, parameters));
  // As in an address: an empty name is none.
  if (!document || !getOperationAST(document, operationName || null)) return null;
  return { document, operationName: operationName || null, variableValues: variables ?? null };
}

const isTextOrNone = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'string';

const isObjectOrNone = (value: unknown): boolean =>
  value === undefined || (typeof value === 'object' && !Array.isArray(value));

function textOf(trusted: TrustedDocuments | null, parameters: GraphQLParams): string {
  try {
    return documentText(trusted, parameters);
  } catch {
    return '';
  }
}
