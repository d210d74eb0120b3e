import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { startBrowser } from '../test/support/browser.ts';
import { editor, openTab, run, runButton } from '../test/support/graphiql.ts';
import { connectBank, type LiveBoard, logInByTyping, startLiveBoard } from '../test/support/live-board.ts';

/** `npm run screenshots`: the pictures of the documentation, of the real thing. Needs Chromium and the example's packages. */
const IMAGES = fileURLToPath(new URL('../docs/images/', import.meta.url));
const DESKTOP = { width: 1280, height: 860 };
const PHONE = { width: 390, height: 844 };

/** What happens before the pictures: a payment and a transfer in turn. */
const PAYMENTS = [
  { merchant: 'Mekong Fuel', amount: 2150, status: 'settled' },
  { merchant: 'ផ្សារអូឡាំពិក', amount: 1840, status: 'settled' },
  { merchant: 'Angkor Books', amount: 1295 },
  { merchant: 'ហាងកាហ្វេព្រះអាទិត្យ', amount: 275 },
] as const;
const TRANSFERS = [
  { description: 'PHI DICH VU SMS BANKING', amount: -11_000 },
  { description: 'Trả tiền cà phê bàn 7, cảm ơn quán', amount: 85_000, accountNumber: '0909123456' },
  { description: 'Lê Văn Bình chuyển tiền mua hàng', amount: 1_250_000 },
  { description: 'Nguyễn Thị Ánh thanh toán đơn hàng 1042', amount: 350_000 },
] as const;

async function main(): Promise<void> {
  mkdirSync(IMAGES, { recursive: true });
  let token = '';
  const board = await startLiveBoard({ graphiqlHeaders: () => ({ Authorization: `Bearer ${token}` }) });
  token = await board.gateway.logIn();
  const { bongloy, casso } = board.gateway;
  for (const [turn, payment] of PAYMENTS.entries()) {
    bongloy.control.makePurchase(payment);
    casso.control.makeTransfer(TRANSFERS[turn]);
  }
  await Promise.all([bongloy.control.webhooksIdle(), casso.control.webhooksIdle()]);
  const browser = await startBrowser();
  await pictureGraphiQL(browser, board);
  for (const colorScheme of ['light', 'dark'] as const) {
    await pictureBoard(browser, board, `live-board-${colorScheme}`, { viewport: DESKTOP, colorScheme });
    const phone = { viewport: PHONE, colorScheme, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
    await pictureBoard(browser, board, `live-board-phone-${colorScheme}`, phone);
  }
  await browser.close();
  await board.stop();
}

async function pictureGraphiQL(browser: Browser, { gateway }: LiveBoard): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 860 } });
  await page.goto(`${gateway.url}/graphql`);
  await runButton(page).waitFor();
  await run(page);
  await editor(page, 'Response').getByText('"Sok Sophea"').waitFor();
  await coloured(page);
  await save(page, 'graphiql');
  await openTab(page, 'Live');
  await run(page);
  gateway.bongloy.control.makePurchase({ merchant: 'Riverside Coffee', amount: 275 });
  await editor(page, 'Response').getByText('Riverside Coffee').waitFor();
  await coloured(page);
  await save(page, 'graphiql-live');
  await page.close();
}

/** Resolves when the editors have coloured every word. */
const coloured = (page: Page) =>
  page.waitForFunction(() =>
    Array.from(document.querySelectorAll('.view-line span.mtk1')).every(
      (part) => !/\w/.test(part.textContent),
    ),
  );

async function pictureBoard(
  browser: Browser,
  { url }: LiveBoard,
  name: string,
  options: BrowserContextOptions,
): Promise<void> {
  const context = await browser.newContext({
    locale: 'en-US',
    timezoneId: 'Asia/Phnom_Penh',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  await page.goto(url);
  await page.getByLabel('Phone number').waitFor();
  if (name === 'live-board-light') await save(page, 'live-board-log-in');
  await logInByTyping(page);
  await connectBank(page);
  await page.getByRole('status').filter({ hasText: 'Live' }).waitFor();
  await page.locator('.movement', { hasText: 'Nguyễn Thị Ánh thanh toán đơn hàng 1042' }).waitFor();
  await save(page, name);
  if (name.startsWith('live-board-phone')) {
    await page.getByRole('heading', { name: 'Activity' }).evaluate((heading) => heading.scrollIntoView());
    await page.mouse.wheel(0, -80);
    await save(page, `${name}-activity`);
  }
  await context.close();
}

async function save(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${IMAGES}${name}.png`, animations: 'disabled', caret: 'hide' });
  process.stdout.write(`docs/images/${name}.png\n`);
}

await main();
