import type { IncomingMessage } from 'node:http';
import { isIPv4, isIPv6, SocketAddress } from 'node:net';

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
    return networkOf(forwarded || (socket.remoteAddress ?? ''));
  };

/** Some proxies write the port of the connection: `192.0.2.1:51000`, `[2001:db8::1]:51000`. */
const WITH_PORT = /^(?:\[(.*)\]|([\d.]+))(?::\d{1,5})?$/;

/** All that is no address is one client: a limit holds also where a proxy writes something else. */
const UNKNOWN = 'unknown';

/**
 * Who has one IPv6 address has the 2^64 that share its first four groups, so these are one client. An IPv4 address that
 * is written as an IPv6 one is that IPv4 address.
 */
function networkOf(entry: string): string {
  const [, bracketed, dotted] = WITH_PORT.exec(entry) ?? [];
  const given = bracketed ?? dotted ?? entry;
  if (isIPv4(given)) return given;
  if (!isIPv6(given)) return UNKNOWN;
  // In the one form that the system writes: lower case, the longest zeros as `::`, dots at the end of a mapped IPv4.
  const { address } = new SocketAddress({ address: given, family: 'ipv6' });
  const mapped = /^::ffff:([\d.]+)$/.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = [], tail] = address.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = tail ? Array.from({ length: 8 - head.length - tail.length }, () => '0') : [];
  return `${[...head, ...zeros, ...(tail ?? [])].slice(0, 4).join(':')}::/64`;
}
