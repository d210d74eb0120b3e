import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { SECOND } from '../../../lib/duration.ts';

/** An endpoint that is silent for so long has not answered. */
const SILENCE = 10 * SECOND;

/**
 * POSTs on a connection of its own, so that nothing stays open afterwards. The status, or null when there was no
 * answer; never rejects. The answer's body is not waited for.
 */
export function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<number | null> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const length = Buffer.byteLength(body);
    const request = send(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': length },
      signal,
    });
    request.setTimeout(SILENCE, () => request.destroy());
    request.on('close', () => resolve(null));
    request.on('error', () => resolve(null));
    request.on('response', (response) => {
      resolve(response.statusCode ?? null);
      response.on('error', () => request.destroy());
      response.resume();
    });
    request.end(body);
  });
}
