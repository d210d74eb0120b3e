import { remoteKeys } from '../../auth/remote-keys.ts';
import type { OperatorConfig } from '../../config.ts';
import type { ProxySettings } from '../../upstream/proxy.ts';
import { type Finding, fail, ok, reasonOf } from './finding.ts';

const ABOUT = 'operators';

/** Whether the keys that operator tokens are checked against can be had. A file was read with the settings. */
export async function checkOperators(
  { jwks }: OperatorConfig,
  proxy: ProxySettings | null,
): Promise<Finding[]> {
  if ('file' in jwks) return [ok(ABOUT, `their keys are in ${jwks.file}`)];
  try {
    await remoteKeys(jwks.url, proxy).reload();
    return [ok(ABOUT, `their keys can be had from ${jwks.url}`)];
  } catch (error) {
    return [
      fail(
        ABOUT,
        `their keys cannot be had from ${jwks.url} (${reasonOf(error)})`,
        'Check OPERATOR_JWKS_URL: it is the identity provider’s jwks_uri.',
      ),
    ];
  }
}
