/** The Bongloy provider as the layers above see it: no wire document leaves this folder. */
export { type ApplicationCredential, signedApplication, staticApplication } from './application.ts';
export { type BongloyClient, createBongloyClient, type ListPage, type Slice } from './client.ts';
export { type BongloyOAuth, type BongloyOAuthOptions, createBongloyOAuth } from './oauth.ts';
export { createBongloyWebhook, readBongloyAgain } from './webhook.ts';
