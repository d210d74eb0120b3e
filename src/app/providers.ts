import type { BongloyConfig, CassoConfig } from '../config.ts';
import type { Clock } from '../lib/clock.ts';
import { DAY } from '../lib/duration.ts';
import type { CassoSources } from '../loaders/casso.ts';
import { createSyncPauses } from '../loaders/casso-changes.ts';
import { KnownAccounts } from '../loaders/known-accounts.ts';
import {
  createBongloyClient,
  createBongloyOAuth,
  createBongloyWebhook,
  signedApplication,
  staticApplication,
} from '../providers/bongloy/index.ts';
import {
  type BudgetObserver,
  type CassoClient,
  cassoShopCredential,
  createBudget,
  createCassoClient,
  createCassoOAuth,
  createCassoWebhook,
  vietnamDate,
} from '../providers/casso/index.ts';
import type { Credential } from '../providers/provider.ts';
import type { OnOddity } from '../providers/row-reader.ts';
import type { BudgetStore } from '../store/budgets.ts';
import { createUpstream, type UpstreamOptions } from '../upstream/create-upstream.ts';

/** What observes the calls to a provider, and the proxy that they take. */
export type CallOptions = Pick<UpstreamOptions, 'onResult' | 'onBreakerChange' | 'proxy'>;

/** The same, and what observes its answers. */
interface Options extends CallOptions {
  readonly onOddity: OnOddity;
}

/** Bongloy as this process speaks to it. */
export function bongloyProvider(config: BongloyConfig, clock: Clock, { onOddity, ...calls }: Options) {
  const upstream = createUpstream({ name: 'bongloy', baseUrl: config.apiUrl, ...calls });
  const { apiToken, signingKeyPem: privateKeyPem, clientId, clientSecret } = config;
  const application = privateKeyPem
    ? signedApplication({ apiToken, privateKeyPem, clock })
    : staticApplication(apiToken);
  return {
    client: createBongloyClient({ upstream, clock, onOddity }),
    oauth: createBongloyOAuth({ upstream, clientId, clientSecret, application, clock, onOddity }),
    webhook:
      config.webhookSecrets.length > 0
        ? createBongloyWebhook({
            secrets: config.webhookSecrets,
            requireExp: config.webhookRequireExp,
            clock,
          })
        : null,
    close: () => upstream.close(),
  };
}

interface CassoOptions extends Options, Pick<CassoSources, 'onWithheld'> {
  /** Where it is kept what was spent of `CASSO_REQUESTS_PER_MINUTE`. */
  readonly budgets: BudgetStore;
  readonly budgetObserver: BudgetObserver;
}

/** Casso as this process speaks to it. */
export function cassoProvider(
  config: CassoConfig,
  clock: Clock,
  { onOddity, onWithheld, budgets, budgetObserver, ...calls }: CassoOptions,
) {
  const upstream = createUpstream({ name: 'casso', baseUrl: config.apiUrl, ...calls });
  const { requestsPerMinute: perMinute } = config;
  const budget =
    perMinute === null
      ? undefined
      : createBudget({ perMinute, store: budgets, clock, observer: budgetObserver });
  const client = createCassoClient({ upstream, budget, onOddity });
  const { oauth, webhookChecksumKeys: checksumKeys, webhookSecureTokens: secureTokens } = config;
  return {
    client,
    clock,
    syncPauses: createSyncPauses(),
    knownAccounts: new KnownAccounts(),
    onWithheld,
    oauth: oauth && {
      client: createCassoOAuth({
        upstream,
        authorizeUrl: `${config.apiUrl}/auth/authorize`,
        ...oauth,
        clock,
      }),
      redirectUris: oauth.redirectUris,
    },
    webhook:
      checksumKeys.length + secureTokens.length > 0
        ? createCassoWebhook({ checksumKeys, secureTokens, clock, onOddity })
        : null,
    operatorCredential: config.apiKey === null ? null : cassoShopCredential(config.apiKey),
    close: () => upstream.close(),
  };
}

/** How far back reconciliation looks: further than any gap that it looks for. */
const RECONCILE_DAYS = 30;

/**
 * The rows that reconciliation compares the log with: over all accounts, newest first, 100 a page.
 */
export const newestPage =
  (client: CassoClient, credential: Credential, clock: Clock) => (page: number, signal: AbortSignal) =>
    client.transactions(
      { credential, signal, rank: 'RECONCILIATION' },
      {
        from: vietnamDate(new Date(clock.now() - RECONCILE_DAYS * DAY)),
        to: vietnamDate(new Date(clock.now() + DAY)),
        page,
        pageSize: 100,
        sort: 'DESC',
      },
    );
