import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GRAPHIQL_TABS } from '../../src/http/graphiql-tabs.ts';
import { BROWSER, openPage, startBrowser, type WatchedPage } from '../support/browser.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { editor, fill, openTab, remembered, run, runButton } from '../support/graphiql.ts';
import { withNeeds } from '../support/needs.ts';

const TABS = GRAPHIQL_TABS.map(({ query }) => {
  const [, kind = '', name = ''] = /^(query|mutation|subscription) (\w+)/m.exec(query) ?? [];
  return { kind, name };
});

withNeeds([BROWSER], () => {
  describe('GraphiQL', { timeout: 60_000 }, () => {
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
      page.setDefaultTimeout(10_000);
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
      const text = await editor(page, 'Tool').textContent();
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

    describe('loaded again', () => {
      const names = () => page.locator('.graphiql-tab-button').allTextContents();
      const open = () => page.locator('.graphiql-tab-active button').first().textContent();
      const reload = async () => {
        await page.reload();
        await runButton(page).waitFor();
      };
      const expectAsFirst = async (name: string) => {
        expect(await names()).toEqual(TABS.map((tab) => tab.name));
        expect(await open()).toBe(name);
        const text = await editor(page, 'Tool').textContent();
        expect(text?.replaceAll(/\s/g, '')).toBe(`{"Authorization":"Bearer${token}"}`);
        const { data, errors } = await (await run(page)).json();
        expect(errors).toBeUndefined();
        expect(Object.values(data)).not.toContain(null);
      };

      test('it has the tabs and headers that it had, and the button works', async () => {
        await page.goto('about:blank');
        await page.goto(`${gateway.url}/graphql`);
        await runButton(page).waitFor();
        await reload();
        await expectAsFirst(String(await open()));
      });

      test.each(['Overview', 'Paging', 'Activity'])('with %s open, it is open again', async (name) => {
        await openTab(page, name);
        await remembered(page, name);
        await reload();
        await expectAsFirst(name);
        await remembered(page, name);
        await page.goto(`${gateway.url}/graphql`);
        await runButton(page).waitFor();
        await expectAsFirst(name);
      });
    });

    test('logs in step by step, as its tabs say', async () => {
      await openTab(page, 'LogIn');
      const begun = await (await run(page)).json();
      const { control, login } = gateway.bongloy;
      await openTab(page, 'LogInCode');
      await fill(page, 'Variables', {
        proof: {
          cardholderVerificationId: begun.data.createCardholderVerification.verification.id,
          authToken: await control.firebaseToken({ phoneNumber: login.phoneNumber, code: login.oneTimeCode }),
        },
      });
      await fill(page, 'Headers', {});
      const authenticated = await (await run(page)).json();
      const { session } = authenticated.data.authenticateCardholder;
      expect(session.linkedProviders).toEqual(['BONGLOY']);

      await openTab(page, 'LinkBank');
      await fill(page, 'Headers', { Authorization: `Bearer ${session.token}` });
      const linked = await (await run(page)).json();
      expect(linked.data.linkCassoApiKey.session.linkedProviders).toEqual(['BONGLOY', 'CASSO']);
    });

    test('syncs, and then subscribes after the cursor that the sync gave: what was found is there', async () => {
      const { control } = gateway.casso;
      control.makeTransfer({ description: 'thấy khi đồng bộ', viaSync: true, accountNumber: '0909123456' });
      await openTab(page, 'Sync');
      await fill(page, 'Variables', { account: { bankAccountNumber: '0909123456' } });
      const synced = await (await run(page)).json();
      await control.webhooksIdle();
      await openTab(page, 'Synced');
      await fill(page, 'Variables', { after: synced.data.syncBankTransactions.eventCursor });
      await run(page);
      await editor(page, 'Response').getByText('thấy khi đồng bộ').waitFor();
      await runButton(page).click();
    });

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
});
