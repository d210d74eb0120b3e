import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { gzipSync } from 'node:zlib';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { Handler } from './server.ts';

export interface Tab {
  readonly query: string;
  readonly variables?: string;
}

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

/** A browser that opens the address, rather than a client that queries it. */
export function wantsGraphiQL(request: IncomingMessage): boolean {
  const { method, url = '', headers } = request;
  return method === 'GET' && !/[?&]query=/.test(url) && /\btext\/html\b/.test(headers.accept ?? '');
}

/**
 * GraphiQL from our own files. The page has 9 MB, so it is rendered and compressed once, at the first request, and
 * carries an ETag.
 * @param headers what the headers editor holds at first, such as a demo token.
 */
export function createGraphiQL(
  tabs: readonly Tab[],
  headers: () => Readonly<Record<string, string>> = () => ({}),
): Handler {
  let page: { readonly html: Buffer; readonly gzip: Buffer; readonly etag: string } | undefined;
  const render = () => {
    const editorHeaders = JSON.stringify(headers(), null, 2);
    const html = Buffer.from(
      renderGraphiQL({
        title: 'Mekong',
        endpoint: '/graphql',
        headers: editorHeaders,
        defaultHeaders: editorHeaders,
        defaultTabs: tabs.map(({ query, variables = '' }) => ({ query, variables, headers: editorHeaders })),
        shouldPersistHeaders: false,
        defaultEditorToolsVisibility: 'headers',
      }),
    );
    const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 16)}"`;
    return { html, gzip: gzipSync(html), etag };
  };

  return (request, response) => {
    page ??= render();
    const { html, gzip, etag } = page;
    const common = {
      etag,
      vary: 'accept, accept-encoding',
      'cache-control': 'no-cache',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    };
    if (request.headers['if-none-match'] === etag) {
      response.writeHead(304, common).end();
      return;
    }
    const zipped = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    response
      .writeHead(200, {
        ...common,
        'content-type': 'text/html; charset=utf-8',
        ...(zipped && { 'content-encoding': 'gzip' }),
      })
      .end(zipped ? gzip : html);
  };
}
