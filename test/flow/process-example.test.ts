import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { killChildren, startChild } from '../support/child.ts';
import { LIVE_BOARD_PACKAGES } from '../support/live-board.ts';
import { withNeeds } from '../support/needs.ts';

/** For what is temporary. */
const temporary = mkdtempSync(join(tmpdir(), 'mekong-example-'));
afterAll(() => {
  killChildren();
  rmSync(temporary, { recursive: true });
});

withNeeds([LIVE_BOARD_PACKAGES], () => {
  describe('npm run example', () => {
    test('serves the board and the API from one address, and ends on Ctrl-C with nothing left behind', async () => {
      const child = startChild(process.execPath, ['--import', 'tsx', 'scripts/example.ts'], {
        PORT: '0',
        TMPDIR: temporary,
      });
      await child.says('Ctrl-C ends it.');
      const [url = ''] = /http:\S+/.exec(child.stdout) ?? [];
      const page = await fetch(url, { headers: { accept: 'text/html' } });
      expect(await page.text()).toContain('<title>Live board</title>');
      const answer = await fetch(`${url}graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"query":"{ viewer { kind } }"}',
      });
      expect(await answer.json()).toMatchObject({ data: { viewer: { kind: 'ANONYMOUS' } } });

      child.signal('SIGINT');
      expect(await child.exit).toBe(0);
      expect(child.stdout).toMatch(/\nEnded\. Nothing was left behind\.\n$/);
      expect(child.stderr).toBe('');
      expect(readdirSync(temporary).filter((name) => name.startsWith('mekong-'))).toEqual([]);
    }, 90_000);

    test('names the port that is taken, with the cure, and leaves nothing behind', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const child = startChild(process.execPath, ['--import', 'tsx', 'scripts/example.ts'], {
        PORT: String(port),
        TMPDIR: temporary,
      });
      expect(await child.exit).toBe(1);
      expect(child.stderr).toBe(
        `Could not start: Port ${port} is already in use. Set PORT to another one, such as PORT=5180.\n`,
      );
      expect(readdirSync(temporary).filter((name) => name.startsWith('mekong-'))).toEqual([]);
      other.close();
    }, 90_000);
  });
});
