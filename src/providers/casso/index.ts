/** The Casso provider as the layers above see it: no wire document leaves this folder. */
export { type Budget, createBudget } from './budget.ts';
export {
  type BankTransactionsQuery,
  type CassoClient,
  type CassoClientOptions,
  createCassoClient,
  type WebhookSettings,
} from './client.ts';
export { cassoApiKeyCredential, cassoShopCredential } from './credential.ts';
export { type CassoWebhook, vietnamDate } from './map.ts';
export type { BankTransactionsPage } from './map-transaction.ts';
export {
  type AuthorizationRequest,
  type CassoOAuth,
  type CassoOAuthOptions,
  createCassoOAuth,
} from './oauth.ts';
export type { BudgetObserver } from './turns.ts';
export { CASSO_LIST, createCassoWebhook, readCassoAgain } from './webhook.ts';
