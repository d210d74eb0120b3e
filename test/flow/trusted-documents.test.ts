import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from '@graphql-codegen/cli';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../../src/config.ts';
import { readManifest } from '../../src/trusted-documents/manifest.ts';
import { runCommand } from '../support/command.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { overSse } from '../support/news.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const VIEWER = 'query Viewer($with: Boolean = true) {\n  viewer { kind @include(if: $with) }\n}\n';
const EVENTS =
  'subscription Events($after: String) {\n  bankTransactionEvents(after: $after) { cursor }\n}\n';
const CURSOR = 'query Cursor { eventCursor }\n';
const LOGOUT = 'mutation Logout { logout { __typename } }\n';
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const folder = mkdtempSync(join(tmpdir(), 'mekong-trusted-'));
const file = (name: string, content: string) => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};
const manifest = join(folder, 'manifest.json');
let gateway: Gateway;
let made: Awaited<ReturnType<typeof runCommand>>;
beforeAll(async () => {
  file('operations/viewer.graphql', VIEWER);
  file('operations/deep/er/events.gql', EVENTS);
  file('operations/cursor.graphql', CURSOR);
  file('operations/deep/readme.md', 'not GraphQL');
  const logout = file('logout.graphql', LOGOUT);
  made = await runCommand(['trusted-documents', join(folder, 'operations'), logout, '--out', manifest]);
  gateway = await startGateway({ env: { TRUSTED_DOCUMENTS_FILE: manifest } });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(folder, { recursive: true });
});

async function post(body: object, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return response.json();
}
const persisted = (sha256Hash: unknown) => ({ persistedQuery: { version: 1, sha256Hash } });
const ANSWER = { viewer: { kind: 'ANONYMOUS' } };

describe('a trusted document is answered', () => {
  test.each<[string, object]>([
    ['by its id', { documentId: `sha256:${sha256(VIEWER)}` }],
    ['by its bare hash', { documentId: sha256(VIEWER) }],
    ['by its hash in upper case', { documentId: `sha256:${sha256(VIEWER).toUpperCase()}` }],
    ["as Apollo's clients name it", { extensions: persisted(sha256(VIEWER)) }],
    ['by its very text', { query: VIEWER }],
    ['by its id and its text', { query: VIEWER, documentId: sha256(VIEWER) }],
    [
      'by its id, whatever text stands beside it',
      { query: 'query Viewer { viewer { kind } }', documentId: sha256(VIEWER) },
    ],
    [
      "by its id in Apollo's words, beside another text",
      { query: '{', extensions: persisted(sha256(VIEWER)) },
    ],
    ['by its text, beside an unknown id', { query: VIEWER, documentId: sha256('x') }],
    ['by its id, beside an operation name that is empty', { documentId: sha256(VIEWER), operationName: '' }],
    ['by its id, with an operation name', { documentId: sha256(VIEWER), operationName: 'Viewer' }],
  ])('over HTTP %s', async (_how, body) => {
    expect((await post(body)).data).toEqual(ANSWER);
  });

  test('with variables', async () => {
    expect((await post({ documentId: sha256(VIEWER), variables: { with: false } })).data).toEqual({
      viewer: {},
    });
  });

  test('over GET', async () => {
    for (const address of [
      `documentId=sha256:${sha256(VIEWER)}`,
      `query=${encodeURIComponent(VIEWER)}`,
      `extensions=${encodeURIComponent(JSON.stringify(persisted(sha256(VIEWER))))}`,
    ]) {
      const response = await fetch(`${gateway.url}/graphql?${address}`);
      expect((await response.json()).data).toEqual(ANSWER);
    }
    const mutation = await fetch(`${gateway.url}/graphql?documentId=${sha256(LOGOUT)}`);
    expect(mutation.status).toBe(405);
  });

  test('over WebSocket', async () => {
    expect(await overSocket({ query: '', documentId: `sha256:${sha256(VIEWER)}` })).toMatchObject({
      data: ANSWER,
    });
    expect(await overSocket({ query: '', extensions: persisted(sha256(VIEWER)) })).toMatchObject({
      data: ANSWER,
    });
    expect(await overSocket({ query: VIEWER })).toMatchObject({ data: ANSWER });
  });

  test('over SSE', async () => {
    const token = await gateway.operatorToken();
    const { data } = await gateway.ask(CURSOR, {}, token);
    const stream = await overSse(gateway.url, EVENTS, { after: data?.eventCursor }, token);
    gateway.casso.control.makeTransfer();
    expect((await stream.feed.next()).data).toMatchObject({
      bankTransactionEvents: { cursor: expect.any(String) },
    });
    await stream.close();
  });
});

/** The first answer to one operation. */
async function overSocket(payload: object): Promise<unknown> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('open', () => socket.send('{"type":"connection_init"}'));
  const answer = await new Promise((resolve, reject) => {
    socket.on('error', reject).on('close', (code) => reject(new Error(`closed with ${code}`)));
    socket.on('message', (data) => {
      const message = JSON.parse(String(data));
      if (message.type === 'connection_ack')
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
      else resolve(message.payload);
    });
  });
  socket.terminate();
  return answer;
}

const refused = (code: string, message: string) => [{ message, extensions: { code } }];

describe('anything else is refused', () => {
  const NO_TEXT = refused(
    'BAD_USER_INPUT',
    'Only trusted documents are answered here, and this is none of them: send the text or the id of one that was released with the gateway.',
  );
  // The words by which clients know that they shall send the text.
  const NO_ID = refused('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  const cases: [string, { query?: string }, object][] = [
    ['another text', { query: '{ viewer { kind } }' }, NO_TEXT],
    ['the text with a blank more', { query: `${VIEWER} ` }, NO_TEXT],
    ['what looks into the schema', { query: '{ __schema { types { name } } }' }, NO_TEXT],
    ['what cannot be parsed', { query: '{' }, NO_TEXT],
    ['nothing', {}, NO_TEXT],
    ['an id that nobody knows', { documentId: `sha256:${sha256('x')}` } as object, NO_ID],
    ["the same in Apollo's words", { extensions: persisted(sha256('x')) } as object, NO_ID],
    ['an id that is none', { documentId: '__proto__' } as object, NO_ID],
    [
      'an unknown id with another text',
      { query: '{ viewer { kind } }', documentId: sha256('x') } as object,
      NO_TEXT,
    ],
    ['an id that is no text', { documentId: { a: 1 } } as object, NO_TEXT],
    ['a hash that is no text', { extensions: persisted(['x']) } as object, NO_TEXT],
  ];
  test.each(cases)('over HTTP: %s', async (_what, body, errors) => {
    expect(await post(body)).toEqual({ errors });
  });

  test.each(cases)('over WebSocket: %s', async (_what, body, errors) => {
    expect(await overSocket({ query: '', ...body })).toEqual(errors);
  });

  test.each([[['x']], [7], [{ a: 1 }], [true]])('over HTTP: a text that is none, %j', async (query) => {
    for (const body of [{ query }, { query, documentId: sha256(VIEWER) }]) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(response.status).toBe(400);
      const { errors } = await response.json();
      expect(errors).toMatchObject(refused('BAD_USER_INPUT', expect.stringContaining('"query"')));
    }
  });
});

describe('mekong trusted-documents', () => {
  test('says how many documents it wrote, and what to set', () => {
    expect(made).toEqual({
      code: 0,
      out: '',
      err: `4 documents. Set TRUSTED_DOCUMENTS_FILE=${manifest} for the gateway.\n`,
    });
  });

  test('prints the manifest, named by the hash of each file as it is', async () => {
    const { code, out } = await runCommand(['trusted-documents', join(folder, 'operations')]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      [`sha256:${sha256(VIEWER)}`]: VIEWER,
      [`sha256:${sha256(EVENTS)}`]: EVENTS,
      [`sha256:${sha256(CURSOR)}`]: CURSOR,
    });
  });

  test('names every mistake with its file and line, and writes nothing', async () => {
    const wrong = [
      file('wrong/a.graphql', 'query A {\n  vewer { kind }\n}'),
      file('wrong/b.graphql', 'query B {'),
      file('wrong/c.graphql', 'fragment C on Viewer { kind }'),
    ];
    const target = join(folder, 'none.json');
    const { code, err } = await runCommand(['trusted-documents', join(folder, 'wrong'), '--out', target]);
    expect(code).toBe(1);
    expect(err).toContain(`${wrong[0]}:2: Cannot query field "vewer" on type "Query"`);
    expect(err).toContain(`${wrong[1]}: Syntax Error`);
    expect(err).toContain(`${wrong[2]}: it holds no operation`);
    expect(() => readFileSync(target)).toThrow('ENOENT');
  });

  test('says so where there is nothing', async () => {
    mkdirSync(join(folder, 'empty'));
    const { code, err } = await runCommand(['trusted-documents', join(folder, 'empty')]);
    expect([code, err]).toEqual([1, expect.stringContaining('no .graphql file in:')]);
  });
});

test("A manifest of Apollo's own tool is taken as it is", () => {
  const apollo = (operations: unknown) =>
    JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations });
  const operation = { id: sha256(CURSOR), name: 'Cursor', type: 'query', body: CURSOR };
  expect([...readManifest(apollo([operation]))]).toEqual([[sha256(CURSOR), CURSOR]]);
  expect(() => readManifest(apollo([{ ...operation, id: 'Cursor' }]))).toThrow(
    'the entry Cursor is not named by the SHA-256 of its text',
  );
  expect(() => readManifest(apollo([null]))).toThrow('the entry undefined holds no text');
  expect(() => readManifest(apollo({}))).toThrow('it is of Apollo, and holds no operations');
});

test("The manifest of codegen's client preset is taken as it is, and its ids are the clients' own", async () => {
  file('codegen/ops.graphql', 'query Codegen { viewer { ...Kind } }\nfragment Kind on Viewer { kind }');
  const files: readonly { filename: string; content: unknown }[] = await generate(
    {
      schema: new URL('../../schema.graphql', import.meta.url).pathname,
      documents: join(folder, 'codegen/*.graphql'),
      silent: true,
      generates: {
        [`${folder}/out/`]: {
          preset: 'client',
          presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
        },
      },
    },
    false,
  );
  const persistedFile = files.find(({ filename }) => filename.endsWith('persisted-documents.json'));
  const documents = readManifest(String(persistedFile?.content));
  expect([...documents.values()]).toEqual([expect.stringContaining('query Codegen')]);
  const [hash] = documents.keys();
  expect(files.map(({ content }) => String(content)).join()).toContain(`"hash":"sha256:${hash}"`);
});

test.each([
  ['{', 'it is no JSON'],
  ['[]', 'it is no JSON object'],
  ['{}', 'it holds no document'],
  ['{"sha256:00":"{ viewer { kind } }"}', 'the entry sha256:00 is not named by the SHA-256 of its text'],
  [`{"${sha256('x')}":7}`, `the entry ${sha256('x')} holds no text`],
  [`{"${sha256('{')}":"{"}`, `the entry ${sha256('{')} holds no GraphQL document`],
])('A manifest that holds %s stops the start, with the reason and the cure', (content, reason) => {
  const path = file('bad.json', content);
  const start = () =>
    readConfig({ STORE_KEYS: 'MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=', TRUSTED_DOCUMENTS_FILE: path });
  expect(start).toThrow(
    `TRUSTED_DOCUMENTS_FILE must name a file that holds a manifest of documents by their SHA-256, made with: mekong trusted-documents: ${path} does not: ${reason}`,
  );
});
