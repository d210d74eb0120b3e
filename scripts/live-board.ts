import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Where `examples/live-board` is, with a slash at the end. It has packages of its own. */
export const LIVE_BOARD = fileURLToPath(new URL('../examples/live-board/', import.meta.url));

/** A server of Vite's; it knows its addresses when it listens. */
interface ViteServer {
  readonly resolvedUrls: { readonly local: readonly string[] } | null;
  close(): Promise<void>;
}

/** What is used of Vite here. */
interface Vite {
  createServer(config: object): Promise<ViteServer & { listen(): Promise<unknown> }>;
  build(config: object): Promise<unknown>;
  preview(config: object): Promise<ViteServer>;
}

export const isInstalled = (): boolean => existsSync(`${LIVE_BOARD}node_modules/vite`);

/** The example's own Vite. @throws Error when the example is not installed. */
export const loadVite = (): Promise<Vite> =>
  import(pathToFileURL(createRequire(`${LIVE_BOARD}package.json`).resolve('vite')).href);

/** Where the page's requests go, in the place of what its vite.config.ts says. */
export const proxyTo = ({ api, phones }: { readonly api: string; readonly phones: string }) => ({
  '/graphql': { target: api, ws: true },
  '/_sandbox/firebase-token': { target: phones },
});
