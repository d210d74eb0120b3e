import type { Locator, Page } from 'playwright-core';

/** GraphiQL's parts, for whoever drives it. */
export const editor = (page: Page, name: 'Query' | 'Tool' | 'Response'): Locator =>
  ({
    Query: page.locator('.graphiql-query-editor .view-lines'),
    /** Variables or headers: the one that is open. */
    Tool: page.locator('.graphiql-editor-tool .view-lines:visible'),
    Response: page.locator('.graphiql-response .view-lines'),
  })[name];

export const runButton = (page: Page): Locator => page.getByRole('button', { name: /^(Execute|Stop) query/ });

/** Opens a tab, and waits until GraphiQL has read its operation: it then writes that in the address. */
export async function openTab(page: Page, name: string): Promise<void> {
  if ((await page.locator('.graphiql-tab-active button').first().textContent()) === name) return;
  await page.getByRole('button', { name, exact: true }).click();
  await page.waitForURL((url) => new RegExp(` ${name}\\b`).test(url.searchParams.get('query') ?? ''));
}

/** Waits until the browser has written down that this tab is open: GraphiQL does so a moment later. */
export async function remembered(page: Page, name: string): Promise<void> {
  await page.waitForFunction((wanted) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState') ?? '{"tabs":[]}');
    return tabs[activeTabIndex]?.title === wanted;
  }, name);
}

/** Presses the button, and gives what the gateway answered: to a subscription, as soon as it has begun. */
export async function run(page: Page) {
  const answered = page.waitForResponse((response) => new URL(response.url()).pathname === '/graphql');
  await runButton(page).click();
  return answered;
}

/** Opens the editor of the variables or of the headers, and writes this in it in place of what it holds. */
export async function fill(page: Page, tool: 'Variables' | 'Headers', value: object): Promise<void> {
  await page.getByRole('button', { name: tool, exact: true }).click();
  await editor(page, 'Tool').click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(JSON.stringify(value));
  // The editor closes brackets by itself, as it thinks that they were typed.
  await page.keyboard.press('ControlOrMeta+Shift+End');
  await page.keyboard.press('Delete');
}
