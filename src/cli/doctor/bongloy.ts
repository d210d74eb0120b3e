import type { BongloyConfig } from '../../config.ts';
import type { ErrorCode, GatewayError } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { createBongloyOAuth, signedApplication, staticApplication } from '../../providers/bongloy/index.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import { type Finding, fail, isAway, ok, reasonOf, refusal, warn } from './finding.ts';

const ABOUT = 'Bongloy';

/**
 * Two calls that cannot succeed, and so change nothing: which refusal comes tells whether our credentials are good. A
 * login with made-up tokens is refused for the tokens only after the client was taken; a verification of a phone number
 * that is none, only after the API token was.
 */
export async function checkBongloy(
  config: BongloyConfig,
  upstream: Upstream,
  clock: Clock,
): Promise<Finding[]> {
  const { clientId, clientSecret, apiToken, signingKeyPem: privateKeyPem } = config;
  const application = privateKeyPem
    ? signedApplication({ apiToken, privateKeyPem, clock })
    : staticApplication(apiToken);
  const oauth = createBongloyOAuth({ upstream, clientId, clientSecret, application, clock });
  const { signal } = new AbortController();
  const login = await refusal(
    oauth.authenticate({ authToken: 'none', cardholderVerificationId: 'none' }, { signal }),
  );
  if (isAway(login)) return [away(config, login)];
  const verification = await refusal(
    oauth.createVerification({ phoneNumber: '+0', accountIdentifier: '0' }, { signal }),
  );
  return [
    ok(ABOUT, `answers at ${config.apiUrl}`),
    judged(login, 'INVALID_GRANT', config, {
      what: 'the client id and secret',
      cure: 'Compare BONGLOY_CLIENT_ID and BONGLOY_CLIENT_SECRET with those of this BONGLOY_API_URL.',
    }),
    judged(verification, 'BAD_USER_INPUT', config, {
      what: 'the API token',
      cure: privateKeyPem
        ? 'Compare BONGLOY_API_TOKEN, and whether the public key of BONGLOY_SIGNING_KEY_FILE is registered there.'
        : 'Compare BONGLOY_API_TOKEN; newer accounts must also sign: BONGLOY_SIGNING_KEY_FILE.',
    }),
  ];
}

/** @param expected the refusal that comes only after the credential was taken. */
function judged(
  refused: GatewayError,
  expected: ErrorCode,
  config: BongloyConfig,
  { what, cure }: { readonly what: string; readonly cure: string },
): Finding {
  if (refused.code === expected) return ok(ABOUT, `takes ${what}`);
  if (isAway(refused)) return away(config, refused);
  if (refused.code === 'RATE_LIMITED') {
    return warn(
      ABOUT,
      `allows no more requests now, so ${what} could not be tried`,
      'Try again in a minute.',
    );
  }
  return fail(ABOUT, `refuses ${what} (${reasonOf(refused)})`, cure);
}

const away = ({ apiUrl }: BongloyConfig, error: GatewayError): Finding =>
  fail(
    ABOUT,
    `cannot be reached at ${apiUrl} (${reasonOf(error)})`,
    'Check BONGLOY_API_URL, DNS and firewall.',
  );
