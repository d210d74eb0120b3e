import type { BankAccount } from '../../domain/bank-account.ts';
import type { BankTransaction } from '../../domain/bank-transaction.ts';
import type { Business } from '../../domain/business.ts';
import { GatewayError, notFound } from '../../domain/errors.ts';
import { isReadable } from '../../domain/unreadable-row.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import type { ProviderCall } from '../provider.ts';
import { wrongShape } from '../read.ts';
import { createRowReader, type OnOddity } from '../row-reader.ts';
import type { Budget } from './budget.ts';
import { idOf } from './document.ts';
import { type Subject, toGatewayError } from './errors.ts';
import { type CassoRequest, exchange } from './exchange.ts';
import { type CassoWebhook, onlyOne, toBankAccount, toBusiness, toWebhook } from './map.ts';
import { type BankTransactionsPage, toBankTransaction, toBankTransactionsPage } from './map-transaction.ts';
import type { TransactionsQuery, WebhookRequest } from './wire.ts';

/** A page of bank transactions to ask for. Every part is sent: Casso's own defaults hide rows (§4.2). */
export interface BankTransactionsQuery {
  /** Casso's account id: this account's rows only. */
  readonly bankAccountId?: string;
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly from: string;
  /** yyyy-mm-dd in Vietnam, inclusive. */
  readonly to: string;
  /** 1-based. */
  readonly page: number;
  /** Rows a page; no maximum is published. */
  readonly pageSize: number;
  /** By transaction time. */
  readonly sort: 'ASC' | 'DESC';
}

/** How a webhook is to be. */
export interface WebhookSettings {
  /** Public; https. */
  readonly url: string;
  /** What Casso proves itself with in the deliveries. A secret. */
  readonly secureToken: string;
  /** Tell only money that comes in. */
  readonly incomeOnly: boolean;
}

/**
 * Casso's API v2 (docs/providers/casso.md §4), each call scoped to the credential's business. Ids are Casso's, as texts;
 * null means unknown or another business's.
 *
 * Every method throws GatewayError UNAUTHENTICATED when the credential is refused and cannot be renewed, RATE_LIMITED
 * (by Casso, or by our budget for it), UPSTREAM_REJECTED, UPSTREAM_TIMEOUT and UPSTREAM_UNAVAILABLE (see `errors.ts`),
 * whatever the credential throws, and UpstreamFailure `aborted` when the caller gave up.
 */
export interface CassoClient {
  /** Whose credential it is; the cheapest check of a key. */
  userInfo(call: ProviderCall): Promise<Business>;
  accounts(call: ProviderCall): Promise<readonly BankAccount[]>;
  account(call: ProviderCall, id: string): Promise<BankAccount | null>;
  /** @throws GatewayError NOT_FOUND when there is no such bank account. */
  transactions(call: ProviderCall, query: BankTransactionsQuery): Promise<BankTransactionsPage>;
  transaction(call: ProviderCall, id: string): Promise<BankTransaction | null>;
  /**
   * Asks Casso to pull the bank now. Done means accepted: what it finds comes through the webhook (§4.1).
   * One POST, never retried; only one that was refused for its token (401) leaves once more with the renewed token.
   * @param bankAccountNumber the bank's number, not Casso's id.
   */
  sync(call: ProviderCall, bankAccountNumber: string): Promise<void>;
  /** A second one of the same URL may replace the first or stand beside it: not documented. */
  createWebhook(call: ProviderCall, settings: WebhookSettings): Promise<CassoWebhook>;
  /** @throws GatewayError NOT_FOUND when there is none. */
  getWebhook(call: ProviderCall, id: string): Promise<CassoWebhook>;
  /** @throws GatewayError NOT_FOUND when there is none. */
  updateWebhook(call: ProviderCall, id: string, settings: WebhookSettings): Promise<CassoWebhook>;
  /** False: there was none. */
  deleteWebhook(call: ProviderCall, id: string): Promise<boolean>;
  /** Every webhook of this URL. False: there was none. */
  deleteWebhooks(call: ProviderCall, url: string): Promise<boolean>;
}

export interface CassoClientOptions {
  /** Its base URL is `CASSO_API_URL`. */
  readonly upstream: Upstream;
  /** None: as many requests as are asked for. */
  readonly budget?: Budget | undefined;
  readonly onOddity?: OnOddity | undefined;
}

const BANK_ACCOUNT: Subject = { noun: 'bank account' };
const BANK_TRANSACTION: Subject = { noun: 'bank transaction' };
/** 12: "Webhook not exists" (§3), with an HTTP status that is not documented. */
const WEBHOOK: Subject = { noun: 'webhook', unknownCode: 12 };

export function createCassoClient({ upstream, budget, onOddity }: CassoClientOptions): CassoClient {
  const rows = createRowReader('CASSO', idOf, onOddity);

  /** Sends one call and reads its `data`. */
  async function ask<T>(
    call: ProviderCall,
    request: CassoRequest,
    subject: Subject | null,
    map: (data: unknown) => T,
  ): Promise<T> {
    try {
      const data = await exchange(upstream, budget, call, request);
      if (data === null && subject) throw notFound(subject.noun, 'CASSO');
      return map(data);
    } catch (error) {
      throw toGatewayError(error, subject);
    }
  }

  /** Whatever `data` tells of what was removed is not documented. */
  async function remove(call: ProviderCall, request: CassoRequest): Promise<true> {
    try {
      await exchange(upstream, budget, changing(call), request);
      return true;
    } catch (error) {
      throw toGatewayError(error, WEBHOOK);
    }
  }

  const bankAccountRow = rows.row('bank_account', toBankAccount);
  const bankTransactionRow = rows.row('bank_transaction', toBankTransaction);
  const bankTransaction = rows.only('bank_transaction', (raw, odd) => toBankTransaction(raw, odd));
  const webhook = (asked: WebhookSettings | null) => rows.only('webhook', toWebhook(asked));

  /** Null for an empty list. */
  function bankAccount(data: unknown): BankAccount | null {
    const only = onlyOne(data);
    return only === undefined ? null : rows.only('bank_account', toBankAccount)(only);
  }

  /** Those that can be read. An empty list would be a lie where there are accounts and none can be. */
  function bankAccounts(data: unknown): readonly BankAccount[] {
    const told = Array.isArray(data) ? data.map(bankAccountRow) : wrongShape('the accounts are not a list');
    const accounts = told.filter(isReadable);
    return told.length > 0 && accounts.length === 0 ? wrongShape('no account can be read') : accounts;
  }

  return {
    userInfo: (call) => ask(call, get('/v2/userInfo'), null, rows.only('business', toBusiness)),

    accounts: (call) => ask(call, get('/v2/accounts'), null, bankAccounts),

    account: (call, id) =>
      orElse(null, ask(call, get(`/v2/accounts/${segment(id)}`), BANK_ACCOUNT, bankAccount)),

    transactions(call, { bankAccountId, from, to, page, pageSize, sort }) {
      const query = {
        fromDate: from,
        toDate: to,
        page: String(page),
        pageSize: String(pageSize),
        sort,
      } satisfies Record<keyof TransactionsQuery, string>;
      const read = rows.only('page', toBankTransactionsPage({ page, pageSize }, bankTransactionRow));
      return bankAccountId === undefined
        ? ask(call, get('/v2/transactions', query), null, read)
        : ask(call, get(`/v2/accounts/${segment(bankAccountId)}/transactions`, query), BANK_ACCOUNT, read);
    },

    transaction: (call, id) =>
      orElse(null, ask(call, get(`/v2/transactions/${segment(id)}`), BANK_TRANSACTION, bankTransaction)),

    sync: (call, bankAccountNumber) =>
      ask(changing(call), post('/v2/sync', { bank_acc_id: bankAccountNumber }), null, () => {}),

    createWebhook: (call, settings) =>
      ask(changing(call), post('/v2/webhooks', webhookRequest(settings)), null, webhook(settings)),

    getWebhook: (call, id) => ask(call, get(`/v2/webhooks/${segment(id)}`), WEBHOOK, webhook(null)),

    updateWebhook: (call, id, settings) =>
      ask(
        changing(call),
        { method: 'PUT', path: `/v2/webhooks/${segment(id)}`, body: webhookRequest(settings) },
        WEBHOOK,
        webhook(settings),
      ),

    deleteWebhook: (call, id) =>
      orElse(false, remove(call, { method: 'DELETE', path: `/v2/webhooks/${segment(id)}` })),

    deleteWebhooks: (call, url) =>
      orElse(false, remove(call, { method: 'DELETE', path: '/v2/webhooks', query: { webhook: url } })),
  };
}

const changing = (call: ProviderCall): ProviderCall => ({ ...call, rank: 'CHANGE' });

const get = (path: string, query: NonNullable<CassoRequest['query']> = {}): CassoRequest => ({
  method: 'GET',
  path,
  query,
});

const post = (path: string, body: object): CassoRequest => ({ method: 'POST', path, body });

const segment = encodeURIComponent;

const webhookRequest = ({ url, secureToken, incomeOnly }: WebhookSettings): WebhookRequest => ({
  webhook: url,
  secure_token: secureToken,
  income_only: incomeOnly,
});

/** `missing` in the place of NOT_FOUND. */
async function orElse<T, M>(missing: M, answer: Promise<T>): Promise<T | M> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'NOT_FOUND') return missing;
    throw error;
  }
}
