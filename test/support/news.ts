import { createHmac, randomUUID } from 'node:crypto';
import type { SandboxOptions } from '../../src/sandbox/start.ts';
import type { Feed } from './feed.ts';
import { type Gateway, startGateway } from './gateway.ts';
import type { Json } from './json.ts';
import { subscribeOverSse } from './sse-client.ts';
import { connect } from './ws-client.ts';

/** What the providers sign with in these tests: 32 letters and digits, as Bongloy's look. */
export const BONGLOY_SECRET = 'bongloy0secret0of0these0tests000';
export const CHECKSUM_KEY = 'casso-checksum-key-of-these-tests';
export const SECURE_TOKEN = 'casso-secure-token-of-these-tests';

/** A gateway whose webhook secrets are known, so that a test can send what no simulator would. */
export async function startNews(options: Partial<SandboxOptions> = {}): Promise<Gateway> {
  const gateway = await startGateway({
    ...options,
    env: {
      BONGLOY_WEBHOOK_SECRETS: BONGLOY_SECRET,
      CASSO_WEBHOOK_CHECKSUM_KEYS: CHECKSUM_KEY,
      CASSO_WEBHOOK_SECURE_TOKENS: SECURE_TOKEN,
      ...options.env,
    },
  });
  gateway.bongloy.control.setWebhook({ url: `${gateway.url}/webhooks/bongloy`, secret: BONGLOY_SECRET });
  useCassoWebhook(gateway, 'v2');
  return gateway;
}

/** Which version the simulator's main business sends from now on. */
export function useCassoWebhook({ casso, url }: Gateway, version: 'v1' | 'v2'): void {
  const secret = version === 'v1' ? SECURE_TOKEN : CHECKSUM_KEY;
  casso.control.setWebhook({ business: 'main', url: `${url}/webhooks/casso`, version, secret });
}

/** `Authorization` of a Bongloy webhook, computed by hand: HS256 over header and claims (RFC 7515). */
export function bongloyAuthorization(secret = BONGLOY_SECRET, secondsAhead = 300): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + secondsAhead;
  const signed = `${part({ alg: 'HS256' })}.${part({ iss: 'Bongloy', exp })}`;
  return `Bearer ${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** A Bongloy delivery about a transaction; `accountId` is what the unsigned body claims. */
export const bongloyBody = (transactionId: string, accountId?: string): string =>
  JSON.stringify({
    data: {
      id: randomUUID(),
      type: 'event',
      attributes: {
        type: 'transaction.created',
        details: {
          data: {
            id: transactionId,
            type: 'transaction',
            ...(accountId && { relationships: { account: { data: { id: accountId, type: 'account' } } } }),
          },
        },
      },
    },
  });

/** A row of a V1 delivery. */
export const cassoRow = (id: number, changes: object = {}) => ({
  id,
  tid: `FT${id}`,
  description: 'chuyen tien',
  amount: 250_000,
  cusum_balance: 1_000_000,
  when: '2026-03-01 09:30:00',
  bank_sub_acc_id: '00710008888',
  subAccId: '00710008888',
  ...changes,
});

export const cassoBody = (...rows: readonly object[]): string => JSON.stringify({ error: 0, data: rows });

/** POSTs to a webhook of the gateway. */
export const post = (
  url: string,
  body: BodyInit,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
    ...(signal && { signal }),
  });

export const postBongloy = ({ url }: { url: string }, body: BodyInit, headers: Record<string, string> = {}) =>
  post(`${url}/webhooks/bongloy`, body, { authorization: bongloyAuthorization(), ...headers });

/** As V1. */
export const postCasso = (
  { url }: { url: string },
  body: BodyInit,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) => post(`${url}/webhooks/casso`, body, { 'secure-token': SECURE_TOKEN, ...headers }, signal);

/** As V2, signed as documented: HMAC-SHA512 over the time and the body with its keys sorted (docs/providers/casso.md §6.2). */
export function postCassoV2({ url }: { url: string }, row: object): Promise<Response> {
  const sorted = Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
  const time = Date.now();
  const signed = `${time}.${JSON.stringify({ data: sorted, error: 0 })}`;
  const signature = createHmac('sha512', CHECKSUM_KEY).update(signed).digest('hex');
  const headers = { 'x-casso-signature': `t=${time},v1=${signature}` };
  return post(`${url}/webhooks/casso`, JSON.stringify({ error: 0, data: row }), headers);
}

/** A row of a V2 delivery. */
export const cassoV2Row = (id: number, changes: object = {}) => ({
  id,
  reference: `FT${id}`,
  description: 'chuyen tien',
  amount: 250_000,
  runningBalance: 1_000_000,
  transactionDateTime: '2026-03-01 09:30:00',
  accountNumber: '00710008888',
  ...changes,
});

export const TRANSACTION_EVENTS = `subscription ($after: String, $filter: TransactionEventFilter) {
  transactionEvents(after: $after, filter: $filter) { cursor type source transaction { providerId } }
}`;
export const BANK_EVENTS = `subscription ($after: String, $filter: BankTransactionEventFilter) {
  bankTransactionEvents(after: $after, filter: $filter) { cursor type source bankTransaction { providerId } }
}`;
export const ACTIVITY_EVENTS = `subscription ($after: String) {
  activityEvents(after: $after) {
    __typename
    ... on TransactionEvent { cursor transaction { providerId } }
    ... on BankTransactionEvent { cursor bankTransaction { providerId } }
  }
}`;

/** The end of the log, for whoever this token is. Subscribing after it misses nothing that a test does from here on. */
export async function eventCursor(gateway: Gateway, token: string): Promise<string> {
  const { data } = await gateway.ask<{ eventCursor: string }>('{ eventCursor }', {}, token);
  if (!data) throw new Error('there is no event cursor');
  return data.eventCursor;
}

/** The provider's id of the transaction that each event is about. */
export const idsOf = (events: readonly Json[]): string[] =>
  events.map((event) => (event.transaction ?? event.bankTransaction).providerId);

export interface Open {
  readonly feed: Feed;
  /** Leaves, and waits until the connection is closed. */
  close(): Promise<void>;
}

/** Begins a subscription on a connection of its own. */
export type Transport = (url: string, query: string, variables: object, token?: string) => Promise<Open>;

export const overWebSocket: Transport = async (url, query, variables, token) => {
  const client = await connect(url, token);
  return { feed: client.subscribe(query, { ...variables }), close: () => client.close() };
};

export const overSse: Transport = async (url, query, variables, token) => {
  const feed = subscribeOverSse(url, query, variables, token);
  return {
    feed,
    async close() {
      feed.leave();
      await feed.ended;
    },
  };
};

export const TRANSPORTS: readonly (readonly [string, Transport])[] = [
  ['WebSocket', overWebSocket],
  ['SSE', overSse],
];
