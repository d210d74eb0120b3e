import type { Plugin } from 'graphql-yoga';
import { GatewayError } from '../domain/errors.ts';
import { documentHash, hashOf, type TrustedDocuments } from '../trusted-documents/manifest.ts';

/** What a request says of its document, over HTTP or over a socket. */
export interface DocumentParameters {
  readonly query?: string | null | undefined;
  /** `sha256:…`, as the GraphQL over HTTP specification has it. */
  readonly documentId?: unknown;
  /** With `persistedQuery: { version: 1, sha256Hash }`, as Apollo's clients and urql say it. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The parameter that Yoga must let through. */
export const DOCUMENT_ID = 'documentId';

/**
 * The document that is meant. Of a manifest, the one whose id is given, whatever text stands beside it: clients write
 * the same document in other words than the tool that made the manifest. Else the text, which must be one of the
 * manifest where there is any.
 * @param documents null: any text is answered, and none is known by an id.
 * @throws GatewayError PERSISTED_QUERY_NOT_SUPPORTED, PERSISTED_QUERY_NOT_FOUND: an id came alone. Their messages are the
 *   words by which clients know that they shall send the text. BAD_USER_INPUT.
 */
export function documentText(documents: TrustedDocuments | null, parameters: DocumentParameters): string {
  const text = parameters.query ?? '';
  const id = idOf(parameters);
  const isNamedAlone = text === '' && id !== null;
  if (!documents) {
    if (isNamedAlone) throw new GatewayError('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
    return text;
  }
  const trusted = documents.get(id ?? '') ?? documents.get(documentHash(text));
  if (trusted !== undefined) return trusted;
  if (isNamedAlone) throw new GatewayError('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  throw new GatewayError(
    'BAD_USER_INPUT',
    'Only trusted documents are answered here, and this is none of them: send the text or the id of one that was released with the gateway.',
  );
}

function idOf({ documentId, extensions }: DocumentParameters): string | null {
  const persisted = extensions?.['persistedQuery'];
  const id =
    documentId ??
    (typeof persisted === 'object' && persisted !== null && 'sha256Hash' in persisted
      ? persisted.sha256Hash
      : null);
  return typeof id === 'string' ? hashOf(id) : null;
}

/** Over HTTP; sockets ask `documentText` themselves, as Yoga's hook (and its persisted-operations plugin) is HTTP's own. */
export function useDocuments(documents: TrustedDocuments | null): Plugin {
  return {
    onParams({ request, params }) {
      const { query, extensions, documentId: inBody } = params as DocumentParameters;
      // Without a text, or with one that is none, Yoga says so.
      if (!isText(query)) return;
      const documentId = request.method === 'GET' ? idInAddress(request.url) : inBody;
      const text = documentText(documents, { query, extensions, documentId });
      // No copy: a body may have a hundred thousand members.
      if (text !== '') params.query = text;
    },
  };
}

const isText = (query: unknown): boolean =>
  query === undefined || query === null || typeof query === 'string';

const idInAddress = (url: string): string | null =>
  new URL(url, 'http://localhost').searchParams.get(DOCUMENT_ID);
