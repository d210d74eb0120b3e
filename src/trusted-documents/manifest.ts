import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type DocumentNode, type GraphQLSchema, Kind, parse, Source, validate } from 'graphql';

/** The text of each document by the SHA-256 of it, in lower-case hex. */
export type TrustedDocuments = ReadonlyMap<string, string>;

/** A manifest cannot be read or made; the message says what is wrong with it, for the person who gave it. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** As in `documentId: "sha256:…"`; codegen and Relay write the bare hash. */
const PREFIX = 'sha256:';

export const documentHash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The hash of an id, with or without its prefix. */
export const hashOf = (id: string): string =>
  (id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id).toLowerCase();

/**
 * Reads a manifest: a JSON object from hashes to texts, as codegen's client preset (`persistedDocuments`), Relay
 * (`persistConfig` with the algorithm SHA256) and `createManifest` write it; or one of Apollo's
 * `generate-persisted-query-manifest`.
 * @throws ManifestError naming the entry.
 */
export function readManifest(json: string): TrustedDocuments {
  const documents = new Map<string, string>();
  for (const [id, text] of entriesOf(json)) {
    if (typeof text !== 'string') throw new ManifestError(`the entry ${id} holds no text`);
    const hash = hashOf(id);
    if (hash !== documentHash(text)) {
      throw new ManifestError(`the entry ${id} is not named by the SHA-256 of its text`);
    }
    try {
      parse(text, { noLocation: true });
    } catch {
      throw new ManifestError(`the entry ${id} holds no GraphQL document`);
    }
    documents.set(hash, text);
  }
  if (documents.size === 0) throw new ManifestError('it holds no document');
  return documents;
}

function entriesOf(json: string): [string, unknown][] {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ManifestError('it is no JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ManifestError('it is no JSON object');
  }
  const entries = Object.entries(value);
  const { format, operations } = Object.fromEntries(entries);
  return format === APOLLO ? operationsOf(operations) : entries;
}

const APOLLO = 'apollo-persisted-query-manifest';

function operationsOf(operations: unknown): [string, unknown][] {
  if (!Array.isArray(operations)) throw new ManifestError('it is of Apollo, and holds no operations');
  return operations.map((operation: { readonly id?: unknown; readonly body?: unknown } | null) => [
    String(operation?.id),
    operation?.body,
  ]);
}

const GRAPHQL_FILE = /\.(graphql|gql)$/;

/**
 * Makes a manifest of files, and of all `.graphql` and `.gql` files in folders. A file is one document, exactly as it
 * is, since a client names it by the hash of that: what it spreads must stand in it.
 * @param paths files and folders.
 * @throws ManifestError with a line for each mistake, as the schema has it; Error of the file system.
 */
export async function createManifest(
  paths: readonly string[],
  schema: GraphQLSchema,
): Promise<Record<string, string>> {
  const manifest: Record<string, string> = {};
  const mistakes: string[] = [];
  for (const file of await filesIn(paths)) {
    const text = await readFile(file, 'utf8');
    const found = mistakesIn(text, file, schema);
    mistakes.push(...found);
    if (found.length === 0) manifest[PREFIX + documentHash(text)] = text;
  }
  if (mistakes.length > 0) throw new ManifestError(mistakes.join('\n'));
  if (Object.keys(manifest).length === 0) throw new ManifestError(`no .graphql file in: ${paths.join(', ')}`);
  return manifest;
}

async function filesIn(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path)).isDirectory()) {
      files.push(path);
      continue;
    }
    const names = await readdir(path, { recursive: true });
    files.push(...names.filter((name) => GRAPHQL_FILE.test(name)).map((name) => join(path, name)));
  }
  return files.toSorted();
}

function mistakesIn(text: string, file: string, schema: GraphQLSchema): string[] {
  let document: DocumentNode;
  try {
    document = parse(new Source(text, file));
  } catch (error) {
    return [`${file}: ${(error as Error).message}`];
  }
  if (!document.definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) {
    return [`${file}: it holds no operation`];
  }
  return validate(schema, document).map(({ message, locations }) => {
    const line = locations?.[0]?.line;
    return `${file}${line === undefined ? '' : `:${line}`}: ${message}`;
  });
}
