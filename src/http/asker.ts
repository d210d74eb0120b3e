import type { IncomingMessage } from 'node:http';

/** The token of an `Authorization` value, without its scheme; null when there is none. */
export function bearerToken(authorization: string | undefined): string | null {
  return authorization?.replace(/^Bearer +/i, '') ?? null;
}

/** The network address of a client. */
export type AddressOf = (request: IncomingMessage) => string;

/**
 * @param trustProxy take it from the last entry of `X-Forwarded-For`: the one that our own proxy wrote. Earlier
 *   entries are whatever the client claimed.
 */
export const addressOf =
  (trustProxy: boolean): AddressOf =>
  ({ headers, socket }) => {
    const forwarded = trustProxy
      ? String(headers['x-forwarded-for'] ?? '')
          .split(',')
          .at(-1)
          ?.trim()
      : '';
    return forwarded || (socket.remoteAddress ?? 'unknown');
  };
