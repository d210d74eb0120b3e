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
    why: "Casso's OAuth login needs all three (unset them all to link by API key alone)",
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
  return mistakes;
}
