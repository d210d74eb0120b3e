import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { page, pages } from '../support/pages.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const PAGES = pages();

/** As GitHub makes them from headings. */
const anchors = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );

test('every link within the project leads somewhere', () => {
  const dead = PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:)([^)\s#]*)(?:#([^)\s]+))?\)/g)].flatMap(([link, file = '', anchor]) => {
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(ROOT, target))) return [`${path}: ${link}`];
      const lost = anchor !== undefined && !anchors(page(target).text).has(anchor);
      return lost ? [`${path}: ${link}`] : [];
    }),
  );
  expect(dead).toEqual([]);
});

/** `1.1` of a heading `### 1.1 Header`. */
const sections = (path: string): ReadonlySet<string> =>
  new Set([...page(path).text.matchAll(/^#+ (\d+(?:\.\d+)?)\.? /gm)].map(([, section = '']) => section));

/** The sections that a file cites, each with the page: its own provider's where none is named. Those of standards have names. */
function cited(path: string): { readonly page: string | undefined; readonly section: string }[] {
  const text = readFileSync(join(ROOT, path), 'utf8').replaceAll(/\n\s*(?:\*|\/\/) ?/g, ' ');
  const own = /\b(bongloy|casso)\b/.exec(path)?.[1];
  const standard = /(?:RFC \d+|GraphQL|September 2025|800-131A),? §[\d.]+(?: and §[\d.]+)?/g;
  return [
    ...text.replaceAll(standard, '').matchAll(/(?:docs\/providers\/(bongloy|casso)\.md )?§(\d+(?:\.\d+)?)/g),
  ].map(([, named = own, section = '']) => ({ page: named && `docs/providers/${named}.md`, section }));
}

test('every section of a provider’s page that a comment cites is there', () => {
  const files = ['src', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const citations = files.flatMap((path) => cited(path).map((citation) => ({ path, ...citation })));
  expect(citations.length).toBeGreaterThan(100);
  const lost = citations.filter(({ page: where, section }) => !where || !sections(where).has(section));
  expect(lost).toEqual([]);
});

test('docs/README.md leads to every page of docs/', () => {
  const index = page('docs/README.md').text;
  const lost = PAGES.map(({ path }) => path).filter(
    (path) => path.startsWith('docs/') && path !== 'docs/README.md' && !index.includes(`](${path.slice(5)})`),
  );
  expect(lost).toEqual([]);
});

test('every npm script that a page names is there', () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = PAGES.flatMap(({ path, text }) =>
    [...text.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name = '']) => ({ path, name })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
});

test('every command that a page names is there', () => {
  const program = createProgram({
    out: async () => {},
    err: () => {},
    watched: false,
    style: (_colour, text) => text,
  });
  const known = new Set(
    program.commands.flatMap((command) => [
      command.name(),
      ...command.commands.map((child) => `${command.name()} ${child.name()}`),
    ]),
  );
  const groups = new Set(
    program.commands.filter(({ commands }) => commands.length > 0).map((one) => one.name()),
  );
  const named = PAGES.flatMap(({ path, text }) =>
    [
      ...text.matchAll(
        /(?:npm run mekong -- |node dist\/cli\.js (?:--env-file \S+ )?|`mekong )([a-z][a-z-]*)(?: ([a-z]+))?/g,
      ),
    ].map(([, name = '', child]) => ({ path, name: groups.has(name) && child ? `${name} ${child}` : name })),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
});

test('docs/providers.md explains every reason for which a signature or a body is refused', () => {
  const reasons = [
    'src/providers/bongloy/webhook.ts',
    'src/providers/bongloy/signature.ts',
    'src/providers/casso/webhook.ts',
  ]
    .map((file) => readFileSync(join(ROOT, file), 'utf8'))
    .flatMap((text) => [...text.matchAll(/refused\(4\d\d, (.*?)\)|return ('[a-z-]+');/g)])
    .flatMap(([line]) => [...line.matchAll(/'([a-z-]+)'/g)].map(([, reason = '']) => reason));
  expect(reasons).toEqual(
    expect.arrayContaining(['wrong-secret', 'wrong-signature', 'wrong-token', 'expired']),
  );
  const { text } = page('docs/providers.md');
  expect(reasons.filter((reason) => !text.includes(`\`${reason}\``))).toEqual([]);
});
