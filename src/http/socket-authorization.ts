import { GatewayError } from '../domain/errors.ts';
import { bearerToken } from './asker.ts';

/**
 * The `Authorization` of a socket, from each place that clients put it in: the headers of the upgrade request, and
 * `connection_init`, as `{ authorization }` or `{ headers: { authorization } }`, in whatever case. Anything there that is no
 * text is no valid token.
 * @param upgrade what the upgrade request had. Only a bearer token counts: a browser sends other credentials by itself.
 * @throws GatewayError BAD_USER_INPUT when two places name different tokens.
 */
export function socketAuthorization(upgrade: string | undefined, params: unknown): string | undefined {
  const given = [
    isBearer(upgrade) ? upgrade : undefined,
    member(params, 'authorization'),
    member(member(params, 'headers'), 'authorization'),
  ]
    .filter((value) => value !== undefined)
    .map((value) => (typeof value === 'string' ? value : ''));
  if (new Set(given.map(bearerToken)).size > 1) {
    throw new GatewayError('BAD_USER_INPUT', 'Two different tokens came: send one');
  }
  return given[0];
}

export const isBearer = (authorization: string | undefined): boolean =>
  /^Bearer +/i.test(authorization ?? '');

/** @param name in lower case. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([key]) => key.toLowerCase() === name)?.[1];
}
