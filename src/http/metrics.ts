import { createHash, timingSafeEqual } from 'node:crypto';
import { bearerToken } from './asker.ts';
import type { Handler } from './server.ts';

export interface MetricsRouteOptions {
  /** Every metric in a text format, with its content type. */
  readonly read: () => Promise<{ readonly contentType: string; readonly text: string }>;
  /** Whoever asks has to bear it; null: everybody may ask. */
  readonly token: string | null;
}

/** For a Prometheus server (`authorization: { credentials: … }` in its scrape settings). */
export const metricsRoute =
  ({ read, token }: MetricsRouteOptions): Handler =>
  async (request, response) => {
    if (token !== null && !isSame(bearerToken(request.headers.authorization) ?? '', token)) {
      response
        .writeHead(401, { 'content-type': 'text/plain; charset=utf-8', 'www-authenticate': 'Bearer' })
        .end('Send the METRICS_TOKEN as a bearer token.\n');
      return;
    }
    const { contentType, text } = await read();
    response.writeHead(200, { 'content-type': contentType }).end(text);
  };

/** Takes the same time whatever is wrong. */
function isSame(given: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
