import type { Plugin } from 'graphql-yoga';
import { GatewayError } from '../domain/errors.ts';
import { documentHash, hashOf, type TrustedDocuments } from '../trusted-documents/manifest.ts';

/** What a request says of its document, over HTTP or over a socket. */
export interface DocumentParameters {
  readonly query?: string | null | undefined;
  /** `sha256:…`, as the GraphQL over HTTP specification has it. */
  readonly documentId?: unknown;
  /** With `persistedQuery: { version: 1, sha256Hash }`, as Apollo's clients say it. */
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined;
}

/** The parameter that Yoga must let through. */
export const DOCUMENT_ID = 'documentId';

/**
 * The document that is meant, if it is a trusted one: by its id, or by its very text.
 * @throws GatewayError BAD_USER_INPUT.
 */
export function trustedText(documents: TrustedDocuments, parameters: DocumentParameters): string {
  const id = idOf(parameters);
  const text = documents.get(id ?? documentHash(parameters.query ?? ''));
  if (text !== undefined && (!parameters.query || parameters.query === text)) return text;
  throw new GatewayError(
    'BAD_USER_INPUT',
    id === null
      ? 'Only trusted documents are answered here, and this text is none of them: send one that was released with the gateway, or its id as documentId.'
      : 'There is no trusted document with this id: release the manifest with the gateway before its clients.',
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

/** Over HTTP; sockets ask `trustedText` themselves, as Yoga's hook (and its persisted-operations plugin) is HTTP's own. */
export function useTrustedDocuments(documents: TrustedDocuments): Plugin {
  return {
    onParams({ request, params, setParams }) {
      const { [DOCUMENT_ID]: inBody, ...rest } = params as typeof params & DocumentParameters;
      const documentId = request.method === 'GET' ? idInAddress(request.url) : inBody;
      setParams({ ...rest, query: trustedText(documents, { ...rest, documentId }) });
    },
  };
}

const idInAddress = (url: string): string | null =>
  new URL(url, 'http://localhost').searchParams.get(DOCUMENT_ID);
