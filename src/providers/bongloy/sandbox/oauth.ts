import { isClient } from './application.ts';
import type { PhoneSignIn } from './firebase.ts';
import {
  badRequest,
  json,
  mediaType,
  oauthError,
  oauthSuccess,
  parseJson,
  type Reply,
  type SandboxRequest,
} from './message.ts';
import { type Route, route } from './routes.ts';
import type { Tokens } from './tokens.ts';
import type { Verifications } from './verifications.ts';

type Params = ReadonlyMap<string, string>;

/** `/oauth/token` and `/oauth/revoke` as the stock server of the vendor's framework answers them (§6.3, §6.4). */
export function oauthRoutes(tokens: Tokens, verifications: Verifications, phones: PhoneSignIn): Route[] {
  const grants: Readonly<Record<string, (params: Params) => Reply | Promise<Reply>>> = {
    password: passwordGrant,
    refresh_token: refreshGrant,
  };

  return [
    route('POST', '/oauth/token', (request) => {
      const params = readParams(request);
      if (!params) return badRequest(request);
      const type = params.get('grant_type');
      if (type === undefined) return missing('grant_type');
      const grant = Object.hasOwn(grants, type) ? grants[type] : undefined;
      if (!grant) return oauthError(400, 'unsupported_grant_type', 'The grant type is not supported.');
      if (!isOurClient(request, params)) {
        return oauthError(401, 'invalid_client', 'Client authentication failed.');
      }
      return grant(params);
    }),
    route('POST', '/oauth/revoke', (request) => {
      const params = readParams(request);
      if (!params) return badRequest(request);
      if (!isOurClient(request, params)) {
        return oauthError(403, 'unauthorized_client', 'You are not authorized to revoke this token');
      }
      tokens.revoke(params.get('token') ?? '');
      return json(200, {});
    }),
  ];

  async function passwordGrant(params: Params): Promise<Reply> {
    const scope = params.get('scope');
    if (scope === undefined) return missing('scope');
    if (scope !== 'connect') return oauthError(400, 'invalid_scope', 'The scope is invalid or unknown.');
    const idToken = params.get('auth_token');
    if (idToken === undefined) return missing('auth_token');
    const verification = params.get('cardholder_verification_id');
    if (verification === undefined) return missing('cardholder_verification_id');

    const phone = await phones.phoneOf(idToken);
    const cardholder = phone === undefined ? undefined : verifications.redeem(verification, phone);
    return cardholder === undefined ? invalidGrant() : oauthSuccess(tokens.issue(cardholder));
  }

  function refreshGrant(params: Params): Reply {
    const refreshToken = params.get('refresh_token');
    if (refreshToken === undefined) return missing('refresh_token');
    const pair = tokens.refresh(refreshToken);
    return pair === undefined ? invalidGrant() : oauthSuccess(pair);
  }
}

/** JSON or form, whichever the media type says (§6.4); undefined if the JSON cannot be read. */
function readParams(request: SandboxRequest): Params | undefined {
  const type = mediaType(request);
  if (type === 'application/x-www-form-urlencoded') return present(new URLSearchParams(request.body));
  if (!/[/+]json$/u.test(type)) return new Map();
  const body = parseJson(request.body);
  return typeof body === 'object' && body !== null ? present(Object.entries(body)) : undefined;
}

function present(entries: Iterable<readonly [string, unknown]>): Params {
  const params = new Map<string, string>();
  for (const [name, value] of entries) if (typeof value === 'string' && value !== '') params.set(name, value);
  return params;
}

/** The client comes from Basic authentication or from the body; a bearer is ignored (§6.4). */
function isOurClient(request: SandboxRequest, params: Params): boolean {
  const basic = /^basic +(?<pair>\S+)$/iu.exec(request.headers.authorization ?? '')?.groups?.['pair'];
  if (basic === undefined) return isClient(params.get('client_id'), params.get('client_secret'));
  const [id, ...secret] = Buffer.from(basic, 'base64').toString().split(':');
  return isClient(id, secret.join(':'));
}

function missing(name: string): Reply {
  return oauthError(400, 'invalid_request', `Missing required parameter: ${name}.`);
}

function invalidGrant(): Reply {
  return oauthError(400, 'invalid_grant', 'The provided authorization grant is invalid, expired or revoked.');
}
