import type { CassoConfig } from '../../config.ts';
import { GatewayError } from '../../domain/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import { cassoApiKeyCredential, createCassoClient, createCassoOAuth } from '../../providers/casso/index.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import { type Finding, fail, isAway, ok, reasonOf, refusal, skip, warn } from './finding.ts';

const ABOUT = 'Casso';

/** One call for each credential, as Casso may allow two a minute; a code that is none is refused, and changes nothing. */
export async function checkCasso(config: CassoConfig, upstream: Upstream, clock: Clock): Promise<Finding[]> {
  const findings = [
    ...(config.apiKey === null ? [] : [await checkApiKey(config.apiKey, config, upstream)]),
    ...(config.oauth === null ? [] : [await checkOAuth(config.oauth, config, upstream, clock)]),
  ];
  return findings.length > 0
    ? findings
    : [skip(ABOUT, 'has no credential of ours to try: sessions bring their own API keys')];
}

async function checkApiKey(apiKey: string, config: CassoConfig, upstream: Upstream): Promise<Finding> {
  const client = createCassoClient({ upstream });
  const credential = cassoApiKeyCredential(apiKey, 'operator');
  try {
    await client.userInfo({ credential, signal: new AbortController().signal });
    return ok(ABOUT, `answers at ${config.apiUrl}, and takes the API key`);
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    if (isAway(error)) return away(config, error);
    if (error.code === 'RATE_LIMITED') return limited();
    return fail(ABOUT, 'refuses the API key', 'Make another one in its web app, and set CASSO_API_KEY.');
  }
}

async function checkOAuth(
  oauth: NonNullable<CassoConfig['oauth']>,
  config: CassoConfig,
  upstream: Upstream,
  clock: Clock,
): Promise<Finding> {
  const client = createCassoOAuth({
    upstream,
    authorizeUrl: `${config.apiUrl}/auth/authorize`,
    ...oauth,
    clock,
  });
  const [redirectUri = ''] = oauth.redirectUris;
  const refused = await refusal(
    client.exchange({ code: 'none', redirectUri }, { signal: new AbortController().signal }),
  );
  if (isAway(refused)) return away(config, refused);
  if (refused.code === 'RATE_LIMITED') return limited();
  if (refused.code === 'INVALID_GRANT') return ok(ABOUT, 'takes the OAuth client id and secret');
  return warn(
    ABOUT,
    `refuses the OAuth client, or does not say what it refuses (${reasonOf(refused)})`,
    'Compare CASSO_CLIENT_ID and CASSO_CLIENT_SECRET, then try a login: Casso does not document its refusals.',
  );
}

const away = ({ apiUrl }: CassoConfig, error: GatewayError): Finding =>
  fail(
    ABOUT,
    `cannot be reached at ${apiUrl} (${reasonOf(error)})`,
    'Check CASSO_API_URL, DNS and firewall.',
  );

const limited = (): Finding =>
  warn(ABOUT, 'allows no more requests now', 'Wait a minute, and try again; set CASSO_REQUESTS_PER_MINUTE.');
