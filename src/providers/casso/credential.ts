import { createHash } from 'node:crypto';
import { shopKeyRefused } from '../../domain/errors.ts';
import type { Credential } from '../provider.ts';

/**
 * Calls under an API key (docs/providers/casso.md §2.1). Its shape is Casso's business and is not checked; it never
 * expires, and a refused one has no better successor.
 * @param id names the grant; see `Credential.id`.
 */
export function cassoApiKeyCredential(apiKey: string, id: string): Credential {
  const authorization = `Apikey ${apiKey}`;
  return {
    provider: 'CASSO',
    id,
    countedAs: () => createHash('sha256').update(`casso api key ${apiKey}`).digest('hex'),
    authorization: () => authorization,
    renew: () => Promise.resolve(null),
  };
}

/** The shop's own (`CASSO_API_KEY`): one that is refused is the operator's to replace, and no session's. */
export const cassoShopCredential = (apiKey: string): Credential => ({
  ...cassoApiKeyCredential(apiKey, 'operator'),
  renew: () => Promise.reject(shopKeyRefused()),
});
