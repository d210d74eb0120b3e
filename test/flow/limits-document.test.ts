import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { connect } from '../support/ws-client.ts';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ env: { QUERY_DEPTH_LIMIT: '12' } });
});
afterAll(() => gateway.stop());

const times = (count: number, text: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => text(n)).join(' ');

async function refusal(query: string, variables: object = {}): Promise<string> {
  const { data, errors } = await gateway.ask(query, variables);
  expect(data).toBeUndefined();
  expect(errors).toHaveLength(1);
  expect(errors?.[0]?.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
  return errors?.[0]?.message ?? '';
}
const isAllowed = async (query: string) => expect((await gateway.ask(query)).errors).toBeUndefined();

describe('a document is refused, with what was asked and what is allowed, when it has too many', () => {
  test('levels of fields, also through fragments', async () => {
    const deep = (levels: number) =>
      `{ account(id: "1") ${'{ cards { nodes { account '.repeat(levels)} { id } ${'} } }'.repeat(levels)} }`;
    expect(await refusal(deep(4))).toBe(
      'The document has 14 levels of fields; 12 are allowed. Divide it into several operations.',
    );
    const chain = times(
      12,
      (n) => `fragment F${n} on Account { cards { nodes { account { ...F${n + 1} } } } }`,
    );
    expect(await refusal(`{ account(id: "1") { ...F0 } } ${chain} fragment F12 on Account { id }`)).toContain(
      '38 levels of fields',
    );
  });

  test('levels of braces, whatever they would mean', async () => {
    for (const open of ['{ a ', '[', '{ a(b: ', '{ a(b: {c: ', '{ ... ']) {
      expect(await refusal(`{ x ${open.repeat(700)}`), open).toBe(
        'The document is nested more than 100 deep: ask in several steps.',
      );
    }
  });

  test('characters', async () => {
    await isAllowed(`{ viewer { kind } } #${'x'.repeat(90_000)}`);
    expect(await refusal(`{ viewer { kind } } #${'x'.repeat(100_000)}`)).toBe(
      'The document has 100021 characters; 100000 are allowed. Divide it, and send values as variables.',
    );
  });

  test('characters in a name, which errors repeat', async () => {
    const name = (length: number) => 'n'.repeat(length);
    for (const query of [
      (n: string) => `query ${n} { viewer { kind } }`,
      (n: string) => `{ ${n}: viewer { kind } }`,
      (n: string) => `query ($${n}: Boolean = true) { viewer { kind @include(if: $${n}) } }`,
      (n: string) => `{ viewer { ...${n} } } fragment ${n} on Viewer { kind }`,
    ]) {
      await isAllowed(query(name(256)));
      expect(await refusal(query(name(257)))).toMatch(
        /^The name at 1:\d+ has 257 characters; 256 are allowed. Give a shorter one\.$/,
      );
    }
  });

  test('tokens', async () => {
    expect(await refusal(`{ ${times(2000, () => 'viewer')} }`)).toBe(
      'The document has more than 2000 tokens: divide it.',
    );
  });

  test('aliases', async () => {
    await isAllowed(`{ ${times(100, (n) => `a${n}: viewer { kind }`)} }`);
    expect(await refusal(`{ ${times(101, (n) => `a${n}: viewer { kind }`)} }`)).toContain(
      '101 aliases; 100 are',
    );
    expect(await refusal(`{ ${times(101, (n) => `a${n}: __typename`)} }`)).toContain('101 aliases; 100 are');
  });

  test('directives', async () => {
    expect(await refusal(`{ viewer { kind ${'@include(if: true) '.repeat(51)} } }`)).toContain(
      '51 directives; 50',
    );
    expect(await refusal(`{ viewer { kind ${'@aa'.repeat(51)} } }`)).toContain('51 directives; 50');
  });

  test('variables, operations or fragments', async () => {
    const variables = times(51, (n) => `$v${n}: Int`);
    expect(await refusal(`query (${variables}) { viewer { kind } }`)).toContain('51 variables; 50');
    const operations = `{ viewer { kind } } ${times(200, (n) => `fragment F${n} on Viewer { kind }`)}`;
    expect(await refusal(operations)).toContain('201 operations and fragments; 200');
  });

  test('fields, those of fragments counted wherever they are spread', async () => {
    const bomb = times(30, (n) => `fragment F${n} on Viewer { a: kind ...F${n + 1} ...F${n + 1} }`);
    await isAllowed(`{ viewer { ...F0 } } ${bomb} fragment F30 on Viewer { expiresAt }`);
    const cards = (n: number) => `cards { nodes { account { ...F${n} } } }`;
    const doubled = times(
      3,
      (n) => `fragment F${n} on Account { ${times(20, (m) => `a${m}: ${cards(n + 1)}`)} }`,
    );
    expect(
      await refusal(`{ account(id: "1") { ...F0 } } ${doubled} fragment F3 on Account { id }`),
    ).toContain('more than 5000 fields');
  });
});

test.each([
  ['tokens', `{ ${times(2000, () => 'viewer')} }`],
  ['levels', `{ a(b: ${'['.repeat(200)}`],
  ['aliases', `{ ${times(101, (n) => `a${n}: viewer { kind }`)} }`],
])('A client that takes the media type of GraphQL is answered 400 for too many %s', async (_what, query) => {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query }),
  });
  expect(response.status).toBe(400);
  const { errors } = await response.json();
  expect(errors[0].extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
});

test('A fragment that spreads itself is a mistake like any other', async () => {
  const { errors } = await gateway.ask(
    '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }',
  );
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
});

test('Fields that are repeated are refused where comparing them would take time that grows with their square', async () => {
  const refused = 'The document selects the same fields, or spreads fragments, too many times: divide it.';
  await isAllowed(`{ viewer { ${times(300, () => 'kind')} } }`);
  expect(await refusal(`{ viewer { ${times(1900, () => 'kind')} } }`)).toBe(refused);
  expect(await refusal(`{ ${times(330, () => 'viewer { kind kind }')} }`)).toBe(refused);
  const round = times(130, (n) => `fragment F${n} on Viewer { kind expiresAt ...F${(n + 1) % 130} }`);
  expect(await refusal(`{ viewer { ${times(130, (n) => `...F${n}`)} } } ${round}`)).toBe(refused);
});

test('Over WebSocket the same documents are refused, and the socket lives on', async () => {
  const client = await connect(gateway.url);
  for (const query of [`{ x ${'{ a '.repeat(700)}`, `{ ${times(101, (n) => `a${n}: viewer { kind }`)} }`]) {
    const feed = client.subscribe(query);
    const end = await Promise.race([feed.ended, feed.next()]);
    expect(JSON.stringify(end)).toContain('QUERY_TOO_COMPLEX');
  }
  expect((await client.subscribe('{ viewer { kind } }').next()).data).toEqual({
    viewer: { kind: 'ANONYMOUS' },
  });
  await client.close();
});
