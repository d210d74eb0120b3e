import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { Missing } from './needs.ts';
import { findProgram } from './program.ts';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** A browser as a need of a test. */
export const BROWSER: Missing = existsSync(CHROMIUM)
  ? null
  : `chromium at ${CHROMIUM} (Debian: apt-get install chromium; elsewhere set CHROMIUM)`;

/** A font with Khmer letters, as fontconfig finds it, as a need of a test. */
export const KHMER_FONT: Missing = hasFont('km')
  ? null
  : 'a Khmer font (Debian: apt-get install fontconfig fonts-khmeros)';

function hasFont(language: string): boolean {
  const list = findProgram('fc-list');
  return list !== null && execFileSync(list, [`:lang=${language}`], { encoding: 'utf8' }) !== '';
}

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
