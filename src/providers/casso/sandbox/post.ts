import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { SECOND } from '../../../lib/duration.ts';

/** Casso waits so long for an answer (§5.1). */
const TIME_LIMIT = 5 * SECOND;

export interface PostAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * POSTs JSON on a connection of its own, so that nothing stays open afterwards. Null when there was no whole answer in
 * time; never rejects.
 */
export function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  signal: AbortSignal,
): Promise<PostAnswer | null> {
  return new Promise((resolve) => {
    const send = url.startsWith('https:') ? requestHttps : requestHttp;
    const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = send(url, { method: 'POST', agent: false, headers: { ...headers, ...length }, signal });
    const timer = setTimeout(() => request.destroy(), TIME_LIMIT);
    request.on('error', () => request.destroy());
    request.on('close', () => {
      clearTimeout(timer);
      resolve(null);
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      response.on('error', () => request.destroy());
    });
    request.end(body);
  });
}
