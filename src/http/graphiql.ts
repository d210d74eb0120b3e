import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Tab } from './graphiql-tabs.ts';
import type { Handler } from './server.ts';

/** A river: two waves. */
const LOGO =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32" fill="none" ' +
  'stroke="#0d7a83" stroke-width="3" stroke-linecap="round">' +
  '<path d="M3 12c4-4 9-4 13 0s9 4 13 0"/><path d="M3 21c4-4 9-4 13 0s9 4 13 0"/></svg>';

/**
 * A tab jumps aside when it is first pressed, as its opening animation never ends, and misses the click. And the space
 * that does not break, which stands in amounts, is no attack that the editor has to put a frame around.
 */
const STYLE =
  '<style>.graphiql-tab{transform:none!important}.unicode-highlight{border:0!important;background:none!important}</style></head>';

/**
 * GraphiQL keeps its tabs in the browser. When it is loaded again, it opens the tab that has the query and the variables of two
 * other keys, and an empty tab where there is none. So these keys get the query and the variables of the tab that was open, or of
 * the one whose query stands in the address.
 */
const RESTORE = `<script>
  try {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem('graphiql:tabState'));
    const asked = new URL(location.href).searchParams.get('query');
    const open = tabs[activeTabIndex];
    const tab = !asked || open.query === asked ? open : tabs.find(({ query }) => query === asked);
    localStorage.setItem('graphiql:query', tab?.query ?? '');
    localStorage.setItem('graphiql:variables', tab?.variables ?? '');
  } catch {
    // Nothing was kept yet, or it cannot be read: GraphiQL begins with its first tabs.
  }
</script>`;

/** Everything comes from this page itself, so nothing outside is ever asked; Monaco's workers are blobs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "connect-src 'self' ws: wss:",
  "frame-ancestors 'none'",
].join('; ');

/**
 * A browser that opens the address, rather than a client that queries it. The address may hold a query: the page
 * writes the one in its editor there, and shows it again when it is reloaded.
 */
export function wantsGraphiQL({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && /\btext\/html\b/.test(headers.accept ?? '');
}

/**
 * GraphiQL from our own files. The page has 9 MB, so it is loaded, rendered and compressed once, at the first
 * request, and carries an ETag.
 * @param headers what the headers editor holds at first, such as a demo token.
 */
export function createGraphiQL(
  tabs: readonly Tab[],
  headers: () => Readonly<Record<string, string>> = () => ({}),
): Handler {
  let page: Promise<{ readonly html: Buffer; readonly gzip: Buffer; readonly etag: string }> | undefined;
  const render = async () => {
    const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
    const editorHeaders = JSON.stringify(headers(), null, 2);
    const html = renderGraphiQL({
      title: 'Mekong',
      logo: LOGO,
      favicon: `data:image/svg+xml,${encodeURIComponent(LOGO)}`,
      endpoint: '/graphql',
      headers: editorHeaders,
      defaultHeaders: editorHeaders,
      defaultTabs: tabs.map(({ query, variables = '' }) => ({ query, variables, headers: editorHeaders })),
      shouldPersistHeaders: false,
      defaultEditorToolsVisibility: 'headers',
    });
    const page = Buffer.from(html.replace('</head>', `${RESTORE}${STYLE}`));
    const etag = `"${createHash('sha256').update(page).digest('base64url').slice(0, 16)}"`;
    return { html: page, gzip: gzipSync(page), etag };
  };

  return async (request, response) => {
    page ??= render();
    const { html, gzip, etag } = await page;
    const common = {
      etag,
      'cache-control': 'no-cache',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    };
    response.appendHeader('vary', 'accept, accept-encoding');
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, common).end();
      return;
    }
    const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
    response
      .writeHead(200, {
        ...common,
        'content-type': 'text/html; charset=utf-8',
        ...(zipped && { 'content-encoding': 'gzip' }),
      })
      .end(zipped ? gzip : html);
  };
}
