import { unknownSettings } from '../../config/unknown.ts';
import type { Config, ConfigError } from '../../config.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

const ABOUT = 'settings';

/** What is allowed, and yet is seldom meant. Settings that are wrong have stopped everything before. */
export function checkSettings(config: Config, env: NodeJS.ProcessEnv): Finding[] {
  const { production, publicUrl, graphiql, introspection, bongloy, casso } = config;
  const findings: Finding[] = [];
  const odd = (says: string, cure: string) => findings.push(warn(ABOUT, says, cure));
  for (const name of unknownSettings(env))
    odd(`${name} is no setting`, 'Compare its name with .env.example.');
  for (const warning of config.warnings)
    odd(warning, 'Correct it, or unset it if it is meant for other programs.');
  if (!bongloy && !casso) {
    odd(
      'neither provider is on: every field of both will answer an error',
      'Set the BONGLOY_ or the CASSO_ settings; .env.example lists them.',
    );
  }
  if (!production && publicUrl?.startsWith('https:')) {
    odd('NODE_ENV is not production, and PUBLIC_URL is for the world', 'Set NODE_ENV=production.');
  }
  if (production && publicUrl?.startsWith('http:')) {
    odd(
      'PUBLIC_URL begins with http://: tokens cross the network readable',
      'Put a proxy with TLS in front.',
    );
  }
  if (production && (graphiql || introspection)) {
    odd(
      'GraphiQL or introspection is on in production',
      'Unset GRAPHIQL and INTROSPECTION if it is not meant.',
    );
  }
  if (bongloy && bongloy.webhookSecrets.length === 0) {
    odd('Bongloy’s webhooks are off: no card transaction is told', 'Set BONGLOY_WEBHOOK_SECRETS.');
  }
  if (casso && casso.webhookChecksumKeys.length + casso.webhookSecureTokens.length === 0) {
    odd(
      'Casso’s webhooks are off: no bank transaction is told',
      'Set CASSO_WEBHOOK_CHECKSUM_KEYS (V2) or CASSO_WEBHOOK_SECURE_TOKENS (V1).',
    );
  }
  return [ok(ABOUT, 'all of them can be read'), ...findings, ...switchedOff(config)];
}

/** Why nothing else could be looked at. */
export const wrongSettings = ({ mistakes }: ConfigError): Finding[] =>
  mistakes.map((mistake) => fail(ABOUT, mistake, 'Correct it as .env.example says, and run it again.'));

const switchedOff = ({ bongloy, casso, operators }: Config): Finding[] => [
  ...(bongloy ? [] : [skip('Bongloy', 'is off: no BONGLOY_ setting is set')]),
  ...(casso ? [] : [skip('Casso', 'is off: no CASSO_ setting is set')]),
  ...(operators ? [] : [skip('operators', 'their tokens are off: no OPERATOR_ setting is set')]),
];
