import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GRAPHIQL_TABS } from '../../src/http/graphiql-tabs.ts';
import { noBrowser, openPage, startBrowser, type WatchedPage } from '../support/browser.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const TABS = GRAPHIQL_TABS.map(({ query }) => {
  const [, kind = '', name = ''] = /^(query|mutation|subscription) (\w+)/m.exec(query) ?? [];
  return { kind, name };
});

const editor = (page: Page, name: 'Query' | 'Headers' | 'Response') =>
  ({
    Query: page.locator('.graphiql-query-editor .view-lines'),
    Headers: page.locator('.graphiql-editor-tool .view-lines:visible'),
    Response: page.locator('.graphiql-response .view-lines'),
  })[name];

/** Opens a tab, and waits until GraphiQL has read its operation: it then writes that in the address. */
async function openTab(page: Page, name: string): Promise<void> {
  if ((await page.locator('.graphiql-tab-active button').first().textContent()) === name) return;
  await page.getByRole('button', { name, exact: true }).click();
  await page.waitForURL((url) => new RegExp(` ${name}\\b`).test(url.searchParams.get('query') ?? ''));
}

const runButton = (page: Page) => page.getByRole('button', { name: /^(Execute|Stop) query/ });

/** Presses the button, and gives what the gateway answered: to a subscription, as soon as it has begun. */
async function run(page: Page) {
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/graphql');
  await runButton(page).click();
  return answered;
}

describe.skipIf(noBrowser)(`GraphiQL${noBrowser ? ` (skipped: ${noBrowser})` : ''}`, () => {
  let gateway: Gateway;
  let browser: Browser;
  let token = '';
  let watched: WatchedPage;
  let page: Page;

  beforeAll(async () => {
    gateway = await startGateway({ graphiqlHeaders: () => ({ Authorization: `Bearer ${token}` }) });
    token = await gateway.logIn();
    browser = await startBrowser();
    watched = await openPage(browser, `${gateway.url}/graphql`);
    page = watched.page;
    page.setDefaultTimeout(4_000);
    await runButton(page).waitFor();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await gateway?.stop();
  });

  test('opens under the name of Mekong, with a tab for each thing to try', async () => {
    expect(await page.title()).toBe('Mekong');
    const names = await page.locator('.graphiql-tab-button').allTextContents();
    expect(names).toEqual(TABS.map(({ name }) => name));
  });

  test('opens logged in: the token stands in the headers editor', async () => {
    const text = await editor(page, 'Headers').textContent();
    expect(text?.replaceAll(/\s/g, '')).toBe(`{"Authorization":"Bearer${token}"}`);
  });

  test('shows the answer to the first tab at the press of a button', async () => {
    await run(page);
    await editor(page, 'Response').getByText('"Sok Sophea"').waitFor();
  });

  test.each(TABS.filter(({ kind }) => kind !== 'subscription'))(
    'has a tab $name that works as it is',
    async ({ name }) => {
      await openTab(page, name);
      const answer = await (await run(page)).json();
      expect(answer.errors).toBeUndefined();
      expect(Object.values(answer.data)).not.toContain(null);
      await editor(page, 'Response')
        .getByText(Object.keys(answer.data)[0] ?? '')
        .first()
        .waitFor();
    },
  );

  test.each([
    ['Live', () => gateway.bongloy.control.makePurchase({ merchant: 'Angkor Books' }), 'Angkor Books'],
    ['Synced', () => gateway.casso.control.makeTransfer({ description: 'mua sách' }), 'mua sách'],
  ])('has a tab %s where news arrive as they happen', async (name, happen, text) => {
    await openTab(page, name);
    const response = await run(page);
    expect(response.headers()['content-type']).toContain('text/event-stream');
    happen();
    await editor(page, 'Response').getByText(text).waitFor();
    await runButton(page).click();
  });

  test('explains the schema', async () => {
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const docs = page.locator('.graphiql-doc-explorer');
    await docs.getByRole('link', { name: 'Query' }).click();
    await docs.getByText('Everything that can be read.').waitFor();
    await docs.getByText(/^The accounts of the logged-in cardholder/).waitFor();
    await page.getByRole('button', { name: 'Hide Documentation Explorer' }).click();
  });

  test('is still there, and still logged in, when it is reloaded', async () => {
    await openTab(page, 'Overview');
    await page.reload();
    await openTab(page, 'Overview');
    expect(await (await run(page)).json()).toMatchObject({ data: { viewer: { kind: 'SESSION' } } });
  });

  test('asked nobody but the gateway for anything, and complained of nothing', () => {
    expect(watched.strangers).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });
});
