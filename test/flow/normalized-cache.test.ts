import { readFileSync } from 'node:fs';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { relayStylePagination } from '@apollo/client/utilities';
import {
  buildSchema,
  type GraphQLSchema,
  isAbstractType,
  isObjectType,
  Kind,
  OperationTypeNode,
  parse,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { page } from '../support/pages.ts';

const ROOT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, ROOT), 'utf8');
const SCHEMA = buildSchema(read('schema.graphql'));

/** What codegen's fragment-matcher makes. */
const possibleTypesOf = (schema: GraphQLSchema): Record<string, string[]> =>
  Object.fromEntries(
    Object.values(schema.getTypeMap())
      .filter(isAbstractType)
      .map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)]),
  );

/** A block of docs/typed-client.md, run as it stands there. @returns the value of that name. */
function documented(mark: string, name: string, given: Record<string, unknown>): unknown {
  const block = page('docs/typed-client.md').blocks.find((each) => each.mark === mark);
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- it is what a reader pastes
  return new Function(...Object.keys(given), `${block?.text}; return ${name};`)(...Object.values(given));
}

let gateway: Gateway;
let token = '';
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.logIn();
});
afterAll(() => gateway.stop());

function createClient(): ApolloClient {
  const cache = documented('apollo', 'cache', {
    InMemoryCache,
    relayStylePagination,
    possibleTypes: possibleTypesOf(SCHEMA),
  }) as InMemoryCache;
  const headers = { authorization: `Bearer ${token}` };
  return new ApolloClient({
    cache,
    link: ApolloLink.from([new HttpLink({ uri: `${gateway.url}/graphql`, headers })]),
  });
}

/** The query of a shipped file, with the fragments that it uses. */
function shipped(file: string) {
  const { definitions, ...rest } = parse(read(`operations/${file}`));
  const used = definitions.filter(
    (each) => each.kind !== Kind.OPERATION_DEFINITION || each.operation === OperationTypeNode.QUERY,
  );
  return { ...rest, definitions: used };
}

describe('Apollo Client’s cache, set up as docs/typed-client.md says,', () => {
  test.each([
    ['transactions.graphql', 'transactions'],
    ['bank.graphql', 'bankTransactions'],
    ['activity.graphql', 'activity'],
  ])('pages over %s: page one and then page two are rows 1 to 6', async (file, field) => {
    const warn = vi.spyOn(console, 'warn');
    const error = vi.spyOn(console, 'error');
    const client = createClient();
    const watched = client.watchQuery({ query: shipped(file), variables: { first: 3 } });
    const ids = (data: any): string[] => data[field].edges.map(({ node }: any) => node.id);
    const { data: first } = (await watched.refetch()) as { data: any };
    await watched.fetchMore({ variables: { after: first[field].pageInfo.endCursor } });
    const six = await client.query({
      query: shipped(file),
      variables: { first: 6 },
      fetchPolicy: 'no-cache',
    });
    expect(ids(watched.getCurrentResult().data)).toEqual(ids(six.data));
    expect(new Set(ids(six.data)).size).toBe(6);
    expect([...warn.mock.calls, ...error.mock.calls]).toEqual([]);
    client.stop();
    vi.restoreAllMocks();
  });

  test('keeps the overview’s accounts by their ids, and warns of nothing when they are read again', async () => {
    const error = vi.spyOn(console, 'error');
    const client = createClient();
    const query = shipped('overview.graphql');
    await client.query({ query, variables: { accounts: 2 } });
    await client.query({ query, variables: { accounts: 3 }, fetchPolicy: 'network-only' });
    const kept = Object.keys(client.cache.extract() as object);
    expect(kept.filter((key) => key.startsWith('BankAccount:')).length).toBeGreaterThan(0);
    expect(kept.filter((key) => key.startsWith('Account:')).length).toBeGreaterThan(1);
    expect(error.mock.calls).toEqual([]);
    client.stop();
    vi.restoreAllMocks();
  });
});

test('the types that the configuration of urql lists without a key are those of the schema without one', () => {
  const keyless = Object.values(SCHEMA.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !/^__|^(Query|Mutation|Subscription|PageInfo)$|(Connection|Edge)$/.test(type.name))
    .filter((type) => !type.getFields()['id'])
    .map(({ name }) => name);
  expect((documented('graphcache', 'keyless', {}) as string[]).toSorted()).toEqual(keyless.toSorted());
});
