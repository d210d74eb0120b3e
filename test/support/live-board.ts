import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { isInstalled, LIVE_BOARD, loadVite, proxyTo } from '../../scripts/live-board.ts';
import type { SandboxOptions } from '../../src/sandbox/start.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { type Line, openLine } from './line.ts';
import type { Missing } from './needs.ts';

/** The example's packages as a need of a test. */
export const LIVE_BOARD_PACKAGES: Missing = isInstalled()
  ? null
  : 'the packages of the live board (npm ci --prefix examples/live-board)';

/** The example as it would be deployed: built, and served beside a real gateway. */
export interface LiveBoard {
  readonly url: string;
  readonly gateway: Gateway;
  /** Between the page's server and the gateway. */
  readonly line: Line;
  stop(): Promise<void>;
}

export async function startLiveBoard(options: Partial<SandboxOptions> = {}): Promise<LiveBoard> {
  const vite = await loadVite();
  const outDir = await mkdtemp(join(tmpdir(), 'mekong-live-board-'));
  const common = { root: LIVE_BOARD, logLevel: 'silent' };
  await vite.build({ ...common, build: { outDir, emptyOutDir: true } });

  const [line, phones] = await Promise.all([openLine(), openLine()]);
  const served = await vite.preview({
    ...common,
    build: { outDir },
    preview: { port: 0, strictPort: false, proxy: proxyTo({ api: line.url, phones: phones.url }) },
  });
  const url = served.resolvedUrls?.local[0] ?? '';
  // Casso sends the browser back to this address alone, so the page's server comes first.
  const gateway = await startGateway({ ...options, casso: { redirectUris: [url] } });
  line.to(gateway.url);
  phones.to(gateway.bongloy.url);
  return {
    url,
    gateway,
    line,
    async stop() {
      await served.close();
      await Promise.all([line.close(), phones.close(), gateway.stop()]);
      await rm(outDir, { recursive: true });
    },
  };
}

/** As a person does it: types phone, account and code. */
export async function logInByTyping(page: Page): Promise<void> {
  await page.getByLabel('Phone number').fill('+855 13 333 333');
  await page.getByLabel('Account number').fill('204 000 201');
  await page.getByRole('button', { name: 'Send me a code' }).click();
  await page.getByLabel(/^Code from the message/).fill('123456');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Live board' }).waitFor();
}

/** Goes to Casso's page, allows the demo business, and comes back. */
export async function connectBank(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Connect with Casso' }).click();
  await page.getByRole('link', { name: /^Allow main/ }).click();
  await page
    .getByRole('button', { name: /^Sync my bank/ })
    .first()
    .waitFor();
}
