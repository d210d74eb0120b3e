import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { generate } from '@graphql-codegen/cli';
import { addTypenameSelectionDocumentTransform } from '@graphql-codegen/client-preset';
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { type DocumentNode, parse, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

const QUERY = 'query Viewer {\n  viewer {\n    kind\n    __typename\n  }\n}';
const OTHER = 'query Cursor {\n  eventCursor\n}';
const ANSWER = { viewer: { kind: 'ANONYMOUS', __typename: 'Viewer' } };
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'mekong-persisted-'));
/** By codegen, as docs/limits.md has it. */
let generated: { readonly manifest: string; readonly document: DocumentNode; readonly hash: string };
let open: Gateway;
let trusting: Gateway;
beforeAll(async () => {
  const manifest = join(folder, 'manifest.json');
  generated = await generateDocument();
  writeFileSync(manifest, generated.manifest);
  [open, trusting] = await Promise.all([
    startGateway(),
    startGateway({ env: { TRUSTED_DOCUMENTS_FILE: manifest } }),
  ]);
});
afterAll(async () => {
  await Promise.all([open.stop(), trusting.stop()]);
  rmSync(folder, { recursive: true });
});

async function generateDocument() {
  writeFileSync(join(folder, 'viewer.graphql'), 'query Viewer { viewer { kind } }');
  const files: readonly { filename: string; content: string }[] = await generate(
    {
      schema: new URL('../../schema.graphql', import.meta.url).pathname,
      documents: join(folder, 'viewer.graphql'),
      silent: true,
      generates: {
        [`${folder}/gql/`]: {
          preset: 'client',
          documentTransforms: [addTypenameSelectionDocumentTransform],
          presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
        },
      },
    },
    false,
  );
  const contentOf = (name: string) =>
    files.find(({ filename }) => filename.endsWith(name))?.content ?? assert.fail(`codegen wrote no ${name}`);
  const [, json] = /ViewerDocument = (\{.*\}) as unknown/.exec(contentOf('graphql.ts')) ?? [];
  const document = JSON.parse(json ?? assert.fail('codegen wrote no document'));
  return { manifest: contentOf('persisted-documents.json'), document, hash: document.__meta__.hash };
}

/** What a client sent, and what came back, request by request. */
interface Exchange {
  readonly query: unknown;
  readonly status: number;
  readonly code: unknown;
}

/** A `fetch` that keeps what passes. */
function watched() {
  const exchanges: Exchange[] = [];
  const watching: typeof fetch = async (address, init) => {
    const url = new URL(address instanceof Request ? address.url : String(address));
    const body =
      typeof init?.body === 'string' ? JSON.parse(init.body) : Object.fromEntries(url.searchParams);
    const response = await fetch(address, init);
    const { errors } = await response.clone().json();
    exchanges.push({ query: body.query, status: response.status, code: errors?.[0].extensions.code });
    return response;
  };
  return { exchanges, fetch: watching };
}

interface Asking {
  readonly gateway: Gateway;
  readonly document: DocumentNode;
  readonly get?: boolean;
}

/** Codegen's own, which survives what a client adds to the document. */
const hashOf = (document: DocumentNode) =>
  (document as { readonly __meta__?: { readonly hash: string } }).__meta__?.hash;

const apollo = async ({ gateway, document, get = false }: Asking) => {
  const { exchanges, fetch } = watched();
  const persisted = new PersistedQueryLink({
    generateHash: (document) => hashOf(document) ?? sha256(print(document)),
    useGETForHashedQueries: get,
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([persisted, new HttpLink({ uri: `${gateway.url}/graphql`, fetch })]),
  });
  const ask = async () => {
    const { data, error } = await client.query({
      query: document,
      fetchPolicy: 'network-only',
      errorPolicy: 'all',
    });
    return data ?? error?.message;
  };
  return { exchanges, ask };
};

const urql = async ({ gateway, document, get = false }: Asking) => {
  const { exchanges, fetch } = watched();
  const client = new Client({
    url: `${gateway.url}/graphql`,
    preferGetMethod: false,
    fetch,
    exchanges: [
      persistedExchange({
        preferGetForPersistedQueries: get,
        generateHash: async (text, asked) => hashOf(asked) ?? sha256(text),
      }),
      fetchExchange,
    ],
  });
  const ask = async () => {
    const { data, error } = await client.query(document, {}, { requestPolicy: 'network-only' });
    return data ?? error?.message;
  };
  return { exchanges, ask };
};

const CLIENTS = [
  ['Apollo Client', apollo],
  ['urql', urql],
] as const;

describe.each(CLIENTS)('%s with persisted queries', (_name, client) => {
  test.each([false, true])('falls back to the text where there is no manifest (by GET: %s)', async (get) => {
    const { exchanges, ask } = await client({ gateway: open, document: parse(QUERY), get });
    expect(await ask()).toEqual(ANSWER);
    const [first, ...others] = exchanges;
    expect(first).toMatchObject({ query: undefined, code: 'PERSISTED_QUERY_NOT_SUPPORTED' });
    expect(others).toEqual([{ query: expect.stringContaining('viewer'), status: 200, code: undefined }]);
    // It has learned: the next one comes with its text.
    expect(await ask()).toEqual(ANSWER);
    expect(exchanges).toHaveLength(3);
    expect(exchanges[2]?.query).toContain('viewer');
  });

  test('sends no text for what the manifest knows', async () => {
    const { exchanges, ask } = await client({ gateway: trusting, document: generated.document });
    expect(await ask()).toMatchObject(ANSWER);
    expect(exchanges).toEqual([{ query: undefined, status: 200, code: undefined }]);
  });

  test('may send the text beside the id, in its own words', async () => {
    const { exchanges, ask } = await client({ gateway: trusting, document: parse(QUERY) });
    expect(await ask()).toContain('Only trusted documents');
    const response = await fetch(`${trusting.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: exchanges.at(-1)?.query, documentId: generated.hash }),
    });
    expect((await response.json()).data).toMatchObject(ANSWER);
  });

  test('gets an error for what the manifest does not know, and goes on with what it does', async () => {
    const unknown = await client({ gateway: trusting, document: parse(OTHER) });
    expect(await unknown.ask()).toContain('Only trusted documents are answered here');
    expect(unknown.exchanges.map(({ code }) => code)).toEqual([
      'PERSISTED_QUERY_NOT_FOUND',
      'BAD_USER_INPUT',
    ]);
  });
});

describe('an id alone, where there is no manifest', () => {
  const REFUSAL = {
    errors: [
      { message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } },
    ],
  };
  const persisted = { persistedQuery: { version: 1, sha256Hash: sha256(QUERY) } };

  test.each([
    ['documentId', { documentId: `sha256:${sha256(QUERY)}` }],
    ["Apollo's extension", { extensions: persisted }],
    ['and an empty text', { query: '', extensions: persisted }],
  ])('is answered in the words that clients know: %s', async (_how, body) => {
    for (const [accept, status] of [
      ['application/json', 200],
      ['application/graphql-response+json', 400],
    ] as const) {
      const response = await fetch(`${open.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept },
        body: JSON.stringify(body),
      });
      expect([response.status, await response.json()]).toEqual([status, REFUSAL]);
    }
  });

  test.each(['documentId', 'extensions'])('beside a text it is ignored: %s', async (name) => {
    const value = name === 'documentId' ? sha256('x') : persisted;
    const response = await fetch(`${open.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY, [name]: value }),
    });
    expect((await response.json()).data).toEqual(ANSWER);
  });
});
