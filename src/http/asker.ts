import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6 } from 'node:net';

/** The token of an `Authorization` value, without its scheme; null when there is none. */
export function bearerToken(authorization: string | undefined): string | null {
  return authorization?.replace(/^Bearer +/i, '') ?? null;
}

/** The network address of a client, for limits: an IPv4 address, or the network of an IPv6 one. */
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
    return networkOf(forwarded || (socket.remoteAddress ?? 'unknown'));
  };

/** Whoever has one IPv6 address has the 2^64 that share its first four groups: they are one client to us. */
function networkOf(address: string): string {
  if (address.startsWith('::ffff:') && isIPv4(address.slice(7))) return address.slice(7);
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.replace(/%.*/, '').split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail ? tail.split(':') : [];
  if (tail !== undefined) groups.push(...Array.from({ length: 8 - groups.length - after.length }, () => '0'));
  const network = [...groups, ...after].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(':')}::/64`;
}
