import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { readManifest } from '../../src/trusted-documents/manifest.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { connect } from '../support/ws-client.ts';

const COMPILER: string = createRequire(import.meta.url)('relay-compiler');
const SCHEMA = new URL('../../schema.graphql', import.meta.url);
const PAGE = 'first: { type: "Int", defaultValue: 3 }, after: { type: "String" }';

/** What an app with Relay would write: a login, a screen of lists that go on, an account that is read again, and news. */
const APP = {
  AppBeginMutation: `mutation AppBeginMutation($input: CreateCardholderVerificationInput!) {
    createCardholderVerification(input: $input) {
      ... on CreateCardholderVerificationPayload { verification { id } }
      ... on Error { message }
    }
  }`,
  AppLoginMutation: `mutation AppLoginMutation($input: AuthenticateCardholderInput!) {
    authenticateCardholder(input: $input) {
      ... on AuthenticateCardholderPayload { session { token } }
      ... on Error { message }
    }
  }`,
  AppLinkMutation: `mutation AppLinkMutation($input: LinkCassoApiKeyInput!) {
    linkCassoApiKey(input: $input) {
      ... on LinkCassoApiKeyPayload { session { linkedProviders } }
      ... on Error { message }
    }
  }`,
  AppStartQuery: `query AppStartQuery { eventCursor accounts(first: 1) { edges { node { number } } } }`,
  AppQuery: `query AppQuery($account: ID!) {
    ...App_transactions
    ...App_activity
    node(id: $account) { ...App_account @alias }
  }`,
  App_transactions: `fragment App_transactions on Query
  @argumentDefinitions(${PAGE}) @refetchable(queryName: "AppTransactionsPageQuery") {
    transactions(first: $first, after: $after) @connection(key: "App_transactions") {
      edges { node { description amount { formatted } card { lastFour } } }
    }
  }`,
  App_activity: `fragment App_activity on Query
  @argumentDefinitions(${PAGE}) @refetchable(queryName: "AppActivityPageQuery") {
    activity(first: $first, after: $after) @connection(key: "App_activity") {
      edges { node { provider occurredAt } }
      unavailableProviders
    }
  }`,
  App_account: `fragment App_account on Account
  @argumentDefinitions(${PAGE}) @refetchable(queryName: "AppAccountQuery") {
    balance { available { formatted } }
    transactions(first: $first, after: $after) @connection(key: "App_account_transactions") {
      edges { node { description } }
    }
  }`,
  AppNewsSubscription: `subscription AppNewsSubscription($after: String) {
    activityEvents(after: $after) {
      ... on TransactionEvent { cursor transaction { status } }
      ... on BankTransactionEvent { cursor bankTransaction { amount { formatted } } }
    }
  }`,
};
/** Those of `@refetchable`, which the compiler writes itself. */
const REFETCHES = ['AppTransactionsPageQuery', 'AppActivityPageQuery', 'AppAccountQuery'] as const;
const OPERATIONS = [...Object.keys(APP).filter((name) => !name.includes('_')), ...REFETCHES];

const folder = await mkdtemp(join(tmpdir(), 'mekong-relay-'));
afterAll(() => rm(folder, { recursive: true }));

/** The whole of a Relay project in a folder of its own, compiled. */
async function compile(name: string, documents: Readonly<Record<string, string>>) {
  const project = join(folder, name);
  await mkdir(join(project, 'src'), { recursive: true });
  await mkdir(join(project, 'artifacts'));
  const tags = Object.values(documents).map((document) => `graphql\`${document}\`;`);
  await Promise.all([
    copyFile(SCHEMA, join(project, 'schema.graphql')),
    writeFile(join(project, 'src', 'App.ts'), tags.join('\n')),
    writeFile(join(project, 'persisted.json'), '{}'),
    writeFile(
      join(project, 'relay.config.json'),
      JSON.stringify({
        src: './src',
        schema: './schema.graphql',
        language: 'typescript',
        artifactDirectory: './artifacts',
        persistConfig: { file: './persisted.json', algorithm: 'SHA256' },
      }),
    ),
  ]);
  const compiler = spawn(COMPILER, ['--noWatchman', join(project, 'relay.config.json')], { cwd: project });
  const [[code], out, err] = await Promise.all([
    once(compiler, 'close'),
    text(compiler.stdout),
    text(compiler.stderr),
  ]);
  return { project, code: code as number, said: out + err };
}

describe("Relay's compiler", () => {
  test('takes the schema, with pages of connections, nodes that are read again, a subscription and a mutation', async () => {
    const { project, code, said } = await compile('checked', APP);
    expect(said).not.toMatch(/error|warn/i);
    expect(code).toBe(0);
    const artifacts = await readdir(join(project, 'artifacts'));
    for (const name of [...OPERATIONS, ...Object.keys(APP)])
      expect(artifacts).toContain(`${name}.graphql.ts`);
  });

  test.each([
    ['a field that is not there', 'query AppQuery { viewer { knd } }', 'no field `knd`'],
    [
      'a connection of what is none',
      'fragment App_list on Query { nodes(ids: []) @connection(key: "App_nodes") { id } }',
      '@connection',
    ],
  ])('refuses %s', async (what, document, reason) => {
    const { code, said } = await compile(what.replaceAll(' ', '-'), { document });
    expect(said).toContain(reason);
    expect(code).toBe(1);
  });
});

describe("What Relay's compiler wrote", () => {
  const idOf = new Map<string, string>();
  let manifest: ReadonlyMap<string, string>;
  let gateway: Gateway;
  let token: string;

  beforeAll(async () => {
    const { project } = await compile('persisted', APP);
    const file = join(project, 'persisted.json');
    manifest = readManifest(await readFile(file, 'utf8'));
    for (const name of OPERATIONS) {
      const artifact = await readFile(join(project, 'artifacts', `${name}.graphql.ts`), 'utf8');
      idOf.set(name, artifact.match(/"params": \{\s+"id": "(\w+)"/)?.[1] ?? '');
    }
    gateway = await startGateway({ env: { TRUSTED_DOCUMENTS_FILE: file } });
    token = await logIn();
  });
  afterAll(() => gateway.stop());

  /** As a network layer of Relay asks: by the id that the artifact holds. */
  async function run(name: string, variables: object, bearer = token) {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
      body: JSON.stringify({ documentId: idOf.get(name), variables }),
    });
    const { data, errors } = await response.json();
    expect(errors).toBeUndefined();
    return data;
  }

  async function logIn(): Promise<string> {
    const { login, control } = gateway.bongloy;
    const phoneNumber = `+${login.phoneNumber}`;
    const { accountIdentifier } = login;
    const begun = await run('AppBeginMutation', { input: { phoneNumber, accountIdentifier } }, '');
    const input = {
      authToken: await control.firebaseToken({ phoneNumber: login.phoneNumber, code: login.oneTimeCode }),
      cardholderVerificationId: begun.createCardholderVerification.verification.id,
    };
    const { session } = (await run('AppLoginMutation', { input }, '')).authenticateCardholder;
    await run('AppLinkMutation', { input: { apiKey: SANDBOX_BUSINESSES.main.apiKey } }, session.token);
    return session.token;
  }

  test('is a manifest of trusted documents as it is, with an entry for each operation', () => {
    expect([...manifest.keys()].toSorted()).toEqual([...idOf.values()].toSorted());
    for (const [name, id] of idOf) expect(manifest.get(id)).toMatch(new RegExp(`^\\w+ ${name}\\b`));
  });

  test('is answered by id: a screen, and a node of it that is read again', async () => {
    const { accounts } = await run('AppStartQuery', {});
    const account = accounts.edges[0].node.id;
    const screen = await run('AppQuery', { account });
    for (const list of [screen.transactions, screen.activity, screen.node.transactions]) {
      expect(list.edges).toHaveLength(3);
      expect(list.pageInfo).toEqual({ endCursor: list.edges[2].cursor, hasNextPage: true });
    }
    expect(screen.activity.unavailableProviders).toEqual([]);

    const { node } = await run('AppAccountQuery', { id: account });
    expect(node).toEqual({ ...screen.node, __typename: 'Account' });
  });

  test.each([
    ['transactions', 'AppTransactionsPageQuery'],
    ['activity', 'AppActivityPageQuery'],
  ])('goes on with the connection %s where the last page ended', async (field, query) => {
    const idsOf = (data: Record<string, { edges: { node: { id: string } }[] }>) =>
      data[field]?.edges.map(({ node }) => node.id) ?? [];
    const both = idsOf(await run(query, { first: 6 }));
    const first = await run(query, { first: 3 });
    const second = await run(query, { first: 3, after: first[field].pageInfo.endCursor });
    expect(both).toHaveLength(6);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(both);
  });

  test('tells news as they happen', async () => {
    const client = await connect(gateway.url, token);
    const { eventCursor } = await run('AppStartQuery', {});
    const feed = client.subscribe(manifest.get(idOf.get('AppNewsSubscription') ?? '') ?? '', {
      after: eventCursor,
    });
    gateway.casso.control.makeTransfer();
    expect((await feed.next()).data).toEqual({
      activityEvents: {
        __typename: 'BankTransactionEvent',
        // Added by the compiler, for Relay's store.
        id: expect.any(String),
        cursor: expect.any(String),
        bankTransaction: { id: expect.any(String), amount: { formatted: expect.any(String) } },
      },
    });
    await client.close();
  });
});
