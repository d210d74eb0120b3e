import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, OperationTypeNode, parse, validate } from 'graphql';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Child, killChildren, startChild } from '../support/child.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { page, pages } from '../support/pages.ts';

/** The pages' code against what `npm run dev` starts: blocks that are marked `test` as pasted, one after the other. */
const PAGES = pages();
const ROOT = new URL('../../', import.meta.url).pathname;
const SDL = buildSchema(readFileSync(join(ROOT, 'schema.graphql'), 'utf8'));

let gateway: Gateway;
let token = '';
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.logIn();
});
afterEach(killChildren);
afterAll(() => gateway.stop());

/** With this sandbox's addresses and token in the place of those that a reader sees. */
const here = (text: string): string =>
  text
    .replaceAll('http://127.0.0.1:4000', gateway.url)
    .replaceAll('http://127.0.0.1:4001', gateway.bongloy.url)
    .replaceAll('http://127.0.0.1:4002', gateway.casso.url)
    .replaceAll('mks_…', token);

const marked = (language: string, mark: string) =>
  PAGES.map(({ path, blocks }) => ({
    path,
    texts: blocks
      .filter((block) => block.language === language && block.mark === mark)
      .map(({ text }) => text),
  })).filter(({ texts }) => texts.length > 0);

describe('as pasted into a shell', () => {
  test.each(marked('sh', 'test'))('$path works line by line', async ({ texts }) => {
    const script = here(texts.join('\n'));
    const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], {
      env: { PATH: process.env['PATH'], TOKEN: token },
    });
    const answers = stdout.split('\n').filter((line) => line.startsWith('{"data"'));
    expect(answers.length).toBeGreaterThan(0);
    for (const answer of answers) {
      expect(answer).not.toContain('"errors"');
      expect(answer).not.toMatch(/"code":"/);
    }
    expect(stdout).not.toContain('{"errors"');
  });

  test.each(marked('sh', 'stream'))(
    'the stream of $path shows what comes',
    async ({ texts: [text = ''] }) => {
      const child: Child = startChild('bash', ['-c', here(text)], { TOKEN: token });
      await child.says(':\n\n');
      gateway.bongloy.control.makePurchase({ merchant: 'Pasted Noodles' });
      await child.says('Pasted Noodles');
      expect(child.stdout).toContain('event: next\ndata: {"data":{"activityEvents":{"cursor":');
      child.signal('SIGTERM');
      await child.exit;
    },
  );
});

describe('GraphQL', () => {
  const blocks = marked('graphql', '').flatMap(({ path, texts }) => texts.map((text) => ({ path, text })));

  test.each(blocks)('of $path is valid, and its queries are answered', async ({ text }) => {
    const document = parse(text);
    expect(validate(SDL, document)).toEqual([]);
    const isQuery = document.definitions.every(
      (definition) => 'operation' in definition && definition.operation === OperationTypeNode.QUERY,
    );
    if (!isQuery) return;
    const { data, errors } = await gateway.ask(text, {}, token);
    expect(errors).toBeUndefined();
    expect(data).toBeTruthy();
  });
});

test('the login of docs/login.md, with a phone’s sign-in in the place of Firebase’s, ends in a session', async () => {
  const { blocks } = page('docs/login.md');
  const code = (mark: string) =>
    blocks.find((block) => block.language === 'js' && block.mark === mark)?.text ?? '';
  const { login, control } = gateway.bongloy;
  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const parts = {
    codeThatTheUserTyped: login.oneTimeCode,
    confirmationResult: {
      confirm: async (typed: string) => ({
        user: {
          getIdToken: () => control.firebaseToken({ phoneNumber: login.phoneNumber, code: typed }),
        },
      }),
    },
  };
  const program = `${code('helper')}\n${code('recipe')}\nreturn session;`.replaceAll(
    'https://api.example.com',
    gateway.url,
  );
  const session = await new AsyncFunction(...Object.keys(parts), program)(...Object.values(parts));
  expect(session).toMatchObject({ token: expect.any(String), linkedProviders: ['BONGLOY'] });
});

describe('docs/typed-client.md', () => {
  const [config = '', client = ''] = page('docs/typed-client.md')
    .blocks.filter(({ language }) => language === 'ts')
    .map(({ text }) => text);

  test('has the code generator’s settings that this project uses itself', () => {
    const settings = (text: string) => /( {6}config: \{[\s\S]*?\n {6}\},\n)/.exec(text)?.[1];
    expect(settings(config)).toBe(settings(readFileSync(join(ROOT, 'codegen.ts'), 'utf8')));
    expect(settings(config)).toContain("SafeInt: 'number'");
  });

  test('has a client that compiles, and knows the types', async () => {
    const cache = join(ROOT, 'node_modules', '.cache');
    mkdirSync(cache, { recursive: true });
    const folder = mkdtempSync(join(cache, 'docs-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const generated = join(ROOT, 'test/support/gql/graphql.ts');
    const compile = (text: string) => {
      const program = `declare const token: string;\n${text.replace('./gql/graphql', generated)}`;
      writeFileSync(join(folder, 'client.ts'), program);
      const options = [
        '--ignoreConfig',
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        '--allowImportingTsExtensions',
      ];
      const target = ['--target', 'es2023', '--module', 'nodenext', '--types', 'node'];
      return promisify(execFile)(join(ROOT, 'node_modules/.bin/tsc'), [
        ...options,
        ...target,
        join(folder, 'client.ts'),
      ]);
    };
    await expect(compile(client)).resolves.toBeTruthy();
    await expect(compile(client.replace('node.reference', 'node.status'))).rejects.toMatchObject({
      stdout: expect.stringContaining("Property 'status' does not exist"),
    });
  }, 60_000);
});
