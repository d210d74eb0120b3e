import { GatewayError } from '../domain/errors.ts';
import { bearerToken } from './asker.ts';

/**
 * The `Authorization` of a socket, from each place that clients put it in: the headers of the upgrade request, and
 * `connection_init`, as `{ authorization }` or `{ headers: { authorization } }`, in whatever case. Anything there that is no
 * text is no valid token.
 * @param upgrade what the upgrade request had. It counts unless it is what a browser sends by itself.
 * @throws GatewayError BAD_USER_INPUT when two places name different tokens.
 */
export function socketAuthorization(upgrade: string | undefined, params: unknown): string | undefined {
  const headers = members(params, 'headers').flatMap((value) => members(value, 'authorization'));
  const given = [...(isToken(upgrade) ? [upgrade] : []), ...members(params, 'authorization'), ...headers].map(
    (value) => (typeof value === 'string' ? value : ''),
  );
  if (new Set(given.map(bearerToken)).size > 1) {
    throw new GatewayError('BAD_USER_INPUT', 'Two different tokens came: send one');
  }
  return given[0];
}

/** What browsers send by themselves, as for a password that a proxy before us wanted. */
const OF_BROWSERS = /^(?:Basic|Digest|NTLM|Negotiate)(?: |$)/i;

export const isToken = (authorization: string | undefined): boolean =>
  authorization !== undefined && !OF_BROWSERS.test(authorization);

/** @param name in lower case. */
const members = (value: unknown, name: string): unknown[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, member]) => (key.toLowerCase() === name ? [member] : []))
    : [];
