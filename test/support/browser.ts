import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why there is no browser to test with; null when there is one. In CI it must be there: nothing is skipped. */
export const noBrowser: string | null =
  existsSync(CHROMIUM) || process.env['CI'] ? null : `there is no Chromium at ${CHROMIUM}; set CHROMIUM`;

/** A headless Chromium that asks nobody for anything by itself. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

export interface WatchedPage {
  readonly page: Page;
  /** Addresses of other origins that the page asked for. */
  readonly strangers: readonly string[];
  /** What the console said of errors and warnings, and what was thrown. */
  readonly complaints: readonly string[];
}

/** A page of its own, without cookies or storage, that is watched from the start. */
export async function openPage(browser: Browser, url: string): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const strangers: string[] = [];
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on('request', (request) => {
    const asked = new URL(request.url());
    // The origin of a blob: address is that of the page that made it; data: stays inside the page.
    if (asked.origin !== origin && asked.protocol !== 'data:') strangers.push(request.url());
  });
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(url);
  return { page, strangers, complaints };
}
