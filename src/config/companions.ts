import { parseNatsUrl } from '../store/nats-url.ts';
import type { Given, Name } from './environment.ts';

/** Settings that make no sense without others: each group is off as a whole, or complete. */
const COMPANIONS: readonly {
  /** Any of these switches the group on. */
  readonly when: readonly Name[];
  /** One name of each line must be set. */
  readonly need: readonly (readonly [Name, ...Name[]])[];
  readonly why: string;
}[] = [
  {
    when: [
      'BONGLOY_API_URL',
      'BONGLOY_CLIENT_ID',
      'BONGLOY_CLIENT_SECRET',
      'BONGLOY_API_TOKEN',
      'BONGLOY_SIGNING_KEY_FILE',
      'BONGLOY_WEBHOOK_SECRETS',
      'BONGLOY_WEBHOOK_REQUIRE_EXP',
    ],
    need: [['BONGLOY_CLIENT_ID'], ['BONGLOY_CLIENT_SECRET'], ['BONGLOY_API_TOKEN']],
    why: 'Bongloy is switched on by your other BONGLOY_ settings (unset them all to leave Bongloy off)',
  },
  {
    when: ['CASSO_CLIENT_ID', 'CASSO_CLIENT_SECRET', 'CASSO_REDIRECT_URIS'],
    need: [['CASSO_CLIENT_ID'], ['CASSO_CLIENT_SECRET'], ['CASSO_REDIRECT_URIS']],
    why: "Casso's OAuth login needs its id, secret and redirect URIs (unset all three to link by API key alone)",
  },
  {
    when: ['NATS_CERTIFICATE_FILE', 'NATS_KEY_FILE'],
    need: [['NATS_CERTIFICATE_FILE'], ['NATS_KEY_FILE']],
    why: 'NATS is shown a certificate together with its key (unset both to show none)',
  },
  {
    when: ['OPERATOR_JWKS_URL', 'OPERATOR_JWKS_FILE', 'OPERATOR_ISSUER', 'OPERATOR_AUDIENCE'],
    need: [['OPERATOR_JWKS_FILE', 'OPERATOR_JWKS_URL'], ['OPERATOR_ISSUER'], ['OPERATOR_AUDIENCE']],
    why: 'operator tokens are checked against keys, issuer and audience (make keys with: mekong keys operator)',
  },
];

/** @returns a line for each setting that others need or exclude. */
export function companionMistakes(given: Given): string[] {
  const has = (name: Name) => given[name] !== undefined;
  const mistakes = COMPANIONS.flatMap(({ when, need, why }) =>
    when.some(has)
      ? need.filter((names) => !names.some(has)).map((names) => `${names.join(' or ')} is required: ${why}`)
      : [],
  );
  if (has('OPERATOR_JWKS_URL') && has('OPERATOR_JWKS_FILE')) {
    mistakes.push('OPERATOR_JWKS_URL and OPERATOR_JWKS_FILE exclude each other: unset one');
  }
  return [...mistakes, ...natsMistakes(given)];
}

const NATS_NAMES = [
  'NATS_REPLICAS',
  'NATS_CREDENTIALS_FILE',
  'NATS_CA_FILE',
  'NATS_CERTIFICATE_FILE',
  'NATS_KEY_FILE',
] as const satisfies readonly Name[];

function natsMistakes(given: Given): string[] {
  const url = given.STORE_URL ?? 'sqlite:';
  const set = NATS_NAMES.filter((name) => given[name] !== undefined);
  if (url.startsWith('sqlite:')) {
    return set.map((name) => `${name} is for STORE_URL=nats://…: set that, or unset ${name}`);
  }
  const address = parseNatsUrl(url);
  const isNamed = address?.user !== undefined || address?.token !== undefined;
  return isNamed && given.NATS_CREDENTIALS_FILE !== undefined
    ? ['NATS_CREDENTIALS_FILE and the user in STORE_URL exclude each other: take one away']
    : [];
}
