/** The payment providers behind this API, spelled as in the public schema. */
export const PROVIDERS = ['BONGLOY', 'CASSO'] as const;

export type Provider = (typeof PROVIDERS)[number];

/** How a sentence names a provider. */
export const PROVIDER_NAMES: Readonly<Record<Provider, string>> = { BONGLOY: 'Bongloy', CASSO: 'Casso' };
