import type { BongloyConfig } from '../../config.ts';
import type { GatewayError } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { createBongloyOAuth, signedApplication, staticApplication } from '../../providers/bongloy/index.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import { type Finding, fail, isAway, ok, reasonOf, refusal } from './finding.ts';

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
    oauth.authenticate({ authToken: 'none', cardholderVerificationId: 'none' }, signal),
  );
  const reached = reach(config, login);
  if (reached.status === 'fail') return [reached];
  const verification = await refusal(
    oauth.createVerification({ phoneNumber: '+0', accountIdentifier: '0' }, signal),
  );
  return [
    reached,
    login.code === 'INVALID_GRANT'
      ? ok(ABOUT, 'takes the client id and secret')
      : fail(
          ABOUT,
          `refuses the client id or secret (${reasonOf(login)})`,
          'Compare BONGLOY_CLIENT_ID and BONGLOY_CLIENT_SECRET with those of this BONGLOY_API_URL.',
        ),
    verification.code === 'BAD_USER_INPUT'
      ? ok(ABOUT, 'takes the API token')
      : fail(
          ABOUT,
          `refuses the API token (${reasonOf(verification)})`,
          privateKeyPem
            ? 'Compare BONGLOY_API_TOKEN, and whether the public key of BONGLOY_SIGNING_KEY_FILE is registered there.'
            : 'Compare BONGLOY_API_TOKEN; newer accounts must also sign: BONGLOY_SIGNING_KEY_FILE.',
        ),
  ];
}

function reach({ apiUrl }: BongloyConfig, error: GatewayError): Finding {
  return isAway(error)
    ? fail(
        ABOUT,
        `cannot be reached at ${apiUrl} (${reasonOf(error)})`,
        'Check BONGLOY_API_URL, DNS and firewall.',
      )
    : ok(ABOUT, `answers at ${apiUrl}`);
}
