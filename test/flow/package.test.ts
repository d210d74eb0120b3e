import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url).pathname;

/** What `npm pack` puts in, beside what it builds first. */
async function packed(): Promise<string[]> {
  const options = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await promisify(execFile)('npm', options, { cwd: ROOT, maxBuffer: 10 * 1024 * 1024 });
  const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
}

test('the package has what its pages and commands name, and nothing that only developers need', async () => {
  const files = (await packed()).filter((path) => !path.startsWith('dist/'));
  expect(files).toEqual(
    expect.arrayContaining([
      '.env.example',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'docs/commands.md',
      'docs/operating.md',
      'operations/log-in.graphql',
      'schema.graphql',
      'schema.promised.graphql',
    ]),
  );
  const folders = new Set(files.filter((path) => path.includes('/')).map((path) => path.split('/')[0]));
  expect(folders).toEqual(new Set(['docs', 'operations']));
}, 60_000);
