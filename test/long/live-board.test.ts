import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BROWSER, KHMER_FONT, startBrowser } from '../support/browser.ts';
import {
  connectBank,
  LIVE_BOARD_PACKAGES,
  type LiveBoard,
  logInByTyping,
  startLiveBoard,
} from '../support/live-board.ts';
import { withNeeds } from '../support/needs.ts';

const globalId = (type: string, id: string | number) => Buffer.from(`${type}:${id}`).toString('base64url');

withNeeds([BROWSER, LIVE_BOARD_PACKAGES], () => {
  describe('the live board', { timeout: 60_000 }, () => {
    let board: LiveBoard;
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    const complaints: string[] = [];

    beforeAll(async () => {
      board = await startLiveBoard();
      browser = await startBrowser();
    }, 120_000);
    afterAll(async () => {
      await browser?.close();
      await board?.stop();
    });
    beforeEach(async () => {
      context = await browser.newContext({
        viewport: { width: 1280, height: 900 },
        locale: 'en-US',
        timezoneId: 'Asia/Phnom_Penh',
      });
      page = await context.newPage();
      page.setDefaultTimeout(20_000);
      page.on('pageerror', (error) => complaints.push(error.message));
      await page.goto(board.url);
    });
    afterEach(() => context.close());

    const badge = (words: string) => page.getByRole('status').filter({ hasText: words }).waitFor();
    const row = (text: string) => page.locator('.movement', { hasText: text });
    const shownIds = () =>
      page.locator('.movement').evaluateAll((rows) => rows.map((each) => each.getAttribute('data-id')));
    /** Resolves when the list holds a row of each of these. */
    const showsAll = (ids: readonly string[]) =>
      page.waitForFunction(
        (wanted) => wanted.every((id) => document.querySelector(`[data-id="${id}"]`) !== null),
        ids,
      );
    const pay = (merchant: string) =>
      globalId('Transaction', board.gateway.bongloy.control.makePurchase({ merchant, amount: 1840 }).id);

    test('lets a person log in and see accounts, balances, cards and activity', async () => {
      await logInByTyping(page);
      await page.getByRole('heading', { name: 'USD account 000201' }).waitFor();
      expect(await page.locator('.tile__amount').allTextContents()).toEqual([
        expect.stringMatching(/^KHR\s[\d,]+$/),
        expect.stringMatching(/^\$[\d,]+\.\d\d$/),
        expect.stringMatching(/^\$[\d,]+\.\d\d$/),
      ]);
      expect(
        await page.getByRole('list', { name: 'Cards of account 000201' }).getByRole('listitem').count(),
      ).toBe(8);
      await row('Riverside Coffee').first().waitFor();
      await badge('Live');
    });

    test('says by its code what went wrong: a wrong code, an account that does not belong to the phone', async () => {
      await page.getByLabel('Phone number').fill('+85513333333');
      await page.getByLabel('Account number').fill('204999999');
      await page.getByRole('button', { name: 'Send me a code' }).click();
      await page.getByRole('alert').getByText('These details do not belong together.').waitFor();

      await page.getByLabel('Account number').fill('204000201');
      await page.getByRole('button', { name: 'Send me a code' }).click();
      await page.getByLabel(/^Code from/).fill('000000');
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('alert').getByText('That is not the code we sent.').waitFor();
    });

    test('can be used with the keyboard alone, from the login to the logout', async () => {
      const type = (text: string) => page.keyboard.type(text);
      await page.getByLabel('Phone number').waitFor();
      await type('+85513333333');
      await page.keyboard.press('Tab');
      await type('204000201');
      await page.keyboard.press('Enter');
      await page.getByLabel(/^Code from/).waitFor();
      await type('123456');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Activity' }).waitFor();
      await page.keyboard.press('Tab');
      const focused = page.locator(':focus');
      expect(await focused.textContent()).toBe('Log out');
      expect(await focused.evaluate((element) => getComputedStyle(element).outlineStyle)).toBe('solid');
      await page.keyboard.press('Enter');
      await page.getByLabel('Phone number').waitFor();
      expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
    });

    test('shows five purchases made while it was offline, each once and in order', async () => {
      const delivered = deliveredCursors(page);
      await logInByTyping(page);
      await badge('Live');
      const first = pay('Before');
      await showsAll([first]);
      const before = await shownIds();

      board.line.cut();
      await context.setOffline(true);
      await badge('Offline');
      const missed: string[] = [];
      for (const number of [1, 2, 3, 4, 5]) {
        missed.push(pay(`Away ${number}`));
        await board.gateway.bongloy.control.webhooksIdle();
      }
      expect(await shownIds()).toEqual(before);

      board.line.mend();
      await context.setOffline(false);
      await showsAll(missed);
      await badge('Live');
      expect((await shownIds()).slice(0, 5)).toEqual(missed.toReversed());
      expect(await row('Away').count()).toBe(5);
      const last = pay('Back again');
      await showsAll([last]);
      expect(await row('Away').count()).toBe(5);
      expect(delivered).toHaveLength(7);
      expect(new Set(delivered).size).toBe(7);
    });

    test('comes back by itself when the connection breaks without a word, and loses nothing', async () => {
      await logInByTyping(page);
      await badge('Live');
      board.line.cut();
      await badge('Connecting');
      const missed = pay('Cut off');
      await board.gateway.bongloy.control.webhooksIdle();
      board.line.mend();
      await showsAll([missed]);
      expect(await row('Cut off').count()).toBe(1);
    });

    test('lets a payment slide in, renews its row and the balance when it settles, and tells screen readers', async () => {
      await logInByTyping(page);
      await badge('Live');
      const balance = page.locator('.tile', { hasText: 'account 000201' }).locator('.tile__amount');
      const earlier = await balance.textContent();
      const { id } = board.gateway.bongloy.control.makePurchase({ merchant: 'Slow Noodles', amount: 725 });
      await row('Slow Noodles').getByText('-$7.25').waitFor();
      await row('Slow Noodles').getByText('Pending').waitFor();
      await page
        .locator('[aria-live=polite]', { hasText: /New: Slow Noodles.*-\$7\.25/ })
        .waitFor({ state: 'attached' });
      await expect.poll(() => balance.textContent(), { timeout: 20_000 }).not.toBe(earlier);

      board.gateway.bongloy.control.settle({ transactionId: id });
      await row('Slow Noodles').getByText('Pending').waitFor({ state: 'detached' });
      expect(await row('Slow Noodles').count()).toBe(1);
    });

    test('has no end: older rows come as the person scrolls, none twice', async () => {
      await logInByTyping(page);
      await row('Riverside Coffee').first().waitFor();
      while ((await page.locator('.movement').count()) < 100) {
        await page.mouse.move(900, 600);
        await page.mouse.wheel(0, 2_000);
      }
      const ids = await shownIds();
      expect(new Set(ids).size).toBe(ids.length);
      const times = await page
        .locator('.movement time')
        .evaluateAll((all) => all.map((time) => time.getAttribute('datetime')));
      expect(times).toEqual(times.toSorted((a, b) => (String(a) < String(b) ? 1 : -1)));
    });

    test('links a bank through Casso’s page, and shows what a sync finds', async () => {
      const { control } = board.gateway.casso;
      await logInByTyping(page);
      await connectBank(page);
      await page.getByRole('heading', { name: 'Ngân hàng TMCP Quân đội' }).waitFor();
      expect(new URL(page.url()).search).toBe('');
      control.makeTransfer({
        description: 'Chuyển tiền, thấy khi đồng bộ',
        accountNumber: '0909123456',
        viaSync: true,
      });

      const sync = page.getByRole('button', { name: 'Sync my bank, account 0909123456' });
      await sync.click();
      await page.getByText('1 new since you asked').waitFor();
      await row('Chuyển tiền, thấy khi đồng bộ').waitFor();

      await sync.click();
      await page.getByText('That was a little too often.').waitFor();
      expect(await sync.isDisabled()).toBe(true);
      expect(await sync.textContent()).toMatch(/^Wait \d+ s$/);
    });

    test('says so when the person does not allow the bank to be read, and lets them try again', async () => {
      await logInByTyping(page);
      await page.getByRole('button', { name: 'Connect with Casso' }).click();
      await page.getByRole('link', { name: 'Deny' }).click();
      await page.getByRole('alert').getByText('The sign-in was refused or took too long.').waitFor();
      await connectBank(page);
    });

    test('loads the page again when its place in the event log is gone, and goes on from there', async () => {
      let answers = 0;
      await page.route('**/graphql', async (route) => {
        if (!route.request().postData()?.includes('query Activity(')) return route.continue();
        const response = await route.fetch();
        const body = await response.json();
        answers += 1;
        // As after a restore: a cursor of a log that is no more.
        if (answers === 1) body.data.eventCursor = ofAnotherLog(body.data.eventCursor);
        return route.fulfill({ response, json: body });
      });
      await logInByTyping(page);
      await expect.poll(() => answers, { timeout: 20_000 }).toBe(2);
      await badge('Live');
      await showsAll([pay('After all')]);
    });

    withNeeds([KHMER_FONT], () => {
      test('writes Khmer and Vietnamese as such: marked with their language, in a font that has the letters', async () => {
        await logInByTyping(page);
        await connectBank(page);
        await badge('Live');
        pay('ផ្សារអូឡាំពិក');
        board.gateway.casso.control.makeTransfer({
          description: 'Nguyễn Thị Ánh thanh toán',
          amount: 350_000,
        });
        for (const [language, text] of [
          ['km', 'ផ្សារអូឡាំពិក'],
          ['vi', 'Nguyễn Thị Ánh thanh toán'],
        ] as const) {
          const written = page.locator(`.movement [lang=${language}]`, { hasText: text }).first();
          await written.waitFor();
          expect(await written.isVisible()).toBe(true);
        }
        expect(await page.locator('.top [lang=km]').textContent()).toBe('សុខ សុភា');
        // A font without the letters draws every one of them as the same box.
        expect(await page.evaluate(differentWidths, 'កខគឃងញ')).toBeGreaterThan(1);
        await row('Nguyễn Thị Ánh thanh toán').getByText('+₫350,000').first().waitFor();
      });
    });

    test('writes money and time as the reader’s own locale and zone do', async () => {
      await context.close();
      context = await browser.newContext({ locale: 'vi-VN', timezoneId: 'America/New_York' });
      page = await context.newPage();
      await page.goto(board.url);
      await logInByTyping(page);
      const { attributes } = board.gateway.bongloy.control.makePurchase({
        merchant: 'Far Away',
        amount: 123_456,
      });
      await row('Far Away').getByText('-1.234,56 US$').waitFor();
      const clock = new Intl.DateTimeFormat('vi-VN', {
        hour: 'numeric',
        minute: '2-digit',
        timeZone: 'America/New_York',
      });
      await row('Far Away')
        .getByText(clock.format(new Date(attributes.transaction_time)))
        .waitFor();
    });

    test.each([
      ['light', { width: 1280, height: 900 }],
      ['dark', { width: 1280, height: 900 }],
      ['light', { width: 360, height: 740 }],
      ['dark', { width: 360, height: 740 }],
    ] as const)('has nothing that axe-core complains of: %s, %o', async (colorScheme, viewport) => {
      // Colours that are on their way to others have no contrast of their own.
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize(viewport);
      await page.getByLabel('Phone number').waitFor();
      expect(await violations(page)).toEqual([]);
      await logInByTyping(page);
      await page.getByRole('button', { name: 'Connect with Casso' }).waitFor();
      expect(await violations(page)).toEqual([]);
      await connectBank(page);
      await page.locator('.movement').first().waitFor();
      expect(await violations(page)).toEqual([]);
    });

    test('fits a phone: nothing is wider than the screen', async () => {
      await page.setViewportSize({ width: 320, height: 640 });
      const widths = () => page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      await page.getByLabel('Phone number').waitFor();
      expect(await widths()).toEqual([320, 320]);
      await logInByTyping(page);
      await connectBank(page);
      await page.locator('.movement').first().waitFor();
      expect(await widths()).toEqual([320, 320]);
      await context.setOffline(true);
      await badge('Offline');
      expect(await widths()).toEqual([320, 320]);
      expect(await violations(page)).toEqual([]);
    });

    test('stays logged in when it is reloaded, and leads back to the login when the session ends elsewhere', async () => {
      await logInByTyping(page);
      await page.reload();
      await page.getByRole('heading', { name: 'USD account 000201' }).waitFor();
      await badge('Live');
      const token = await page.evaluate(() => sessionStorage.getItem('mekong.session') ?? '');
      await board.gateway.ask('mutation { logout { __typename } }', {}, token);
      await page.getByLabel('Phone number').waitFor();
    });

    test('threw nothing in all this', () => {
      expect(complaints).toEqual([]);
    });
  });
});

/** The cursor of each event that the page's sockets bring, as they come. */
function deliveredCursors(page: Page): string[] {
  const cursors: string[] = [];
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload));
      if (message.type === 'next') cursors.push(message.payload.data.activityEvents.cursor);
    }),
  );
  return cursors;
}

/** The same place in a log with another epoch. */
function ofAnotherLog(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString();
  return Buffer.from(text.replaceAll(/[0-9a-f](?=[0-9a-f]{4})/g, '0')).toString('base64url');
}

/** What axe-core finds, as far as it is a rule of WCAG 2.2 or a best practice. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  });
}

/** How many widths these letters have, each alone, in the page's font. */
function differentWidths(letters: string): number {
  const canvas = document.createElement('canvas').getContext('2d');
  if (!canvas) return 0;
  canvas.font = `16px ${getComputedStyle(document.body).fontFamily}`;
  return new Set(Array.from(letters, (letter) => canvas.measureText(letter).width)).size;
}
