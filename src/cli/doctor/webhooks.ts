import type { Config } from '../../config.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import { type Finding, fail, ok, reasonOf, skip } from './finding.ts';

const ABOUT = 'webhooks';
const PROXY = 'Let /graphql, /healthz and /webhooks/… through to the gateway, as they are.';

/**
 * Whether providers reach us by `PUBLIC_URL`: the gateway must run. An unsigned delivery must be refused with 401; that
 * it is refused by us, and not by something in between, is seen from the health check.
 */
export async function checkWebhooks(
  config: Config,
  publicUrl: string,
  upstream: Upstream,
): Promise<Finding[]> {
  const { signal } = new AbortController();
  try {
    const { status, body } = await upstream.request({ method: 'GET', path: '/healthz', signal });
    if (status !== 200 || !body.includes('"ok"')) {
      return [fail(ABOUT, `${publicUrl}/healthz answers ${status}, and not as the gateway does`, PROXY)];
    }
  } catch (error) {
    return [
      fail(
        ABOUT,
        `nothing answers at ${publicUrl}/healthz (${reasonOf(error)})`,
        'Start the gateway; then check PUBLIC_URL, DNS, the proxy and its certificate.',
      ),
    ];
  }
  const findings: Finding[] = [];
  for (const path of pathsOf(config)) findings.push(await unsigned(path));
  return findings.length > 0 ? findings : [skip(ABOUT, 'no provider’s webhooks are on')];

  async function unsigned(path: string): Promise<Finding> {
    const headers = { 'content-type': 'application/json' };
    const { status } = await upstream.request({ method: 'POST', path, headers, body: '{}', signal });
    if (status === 401) return ok(ABOUT, `${publicUrl}${path} is reached, and refuses what is not signed`);
    if (status === 404)
      return fail(
        ABOUT,
        `${publicUrl}${path} is not there`,
        `Restart the gateway with these settings. ${PROXY}`,
      );
    return fail(ABOUT, `${publicUrl}${path} answers ${status} to what is not signed, in place of 401`, PROXY);
  }
}

function pathsOf({ bongloy, casso }: Config): string[] {
  return [
    ...(bongloy && bongloy.webhookSecrets.length > 0 ? ['/webhooks/bongloy'] : []),
    ...(casso && casso.webhookChecksumKeys.length + casso.webhookSecureTokens.length > 0
      ? ['/webhooks/casso']
      : []),
  ];
}
