import { encodeGlobalId } from '../../src/domain/global-id.ts';
import { SANDBOX_TRANSACTIONS } from '../../src/providers/bongloy/sandbox/index.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { linkCasso, logInAs } from '../support/cardholder.ts';
import type { Child } from '../support/child.ts';
import { ask, type Gateway } from '../support/gateway.ts';
import { prepareGatewayProcess } from '../support/gateway-process.ts';
import { BONGLOY_SECRET, useCassoWebhook } from '../support/news.ts';
import type { Values } from '../support/random-value.ts';
import { startSpoiledAnswers } from '../support/spoiled-answers.ts';
import type { Asker } from './case.ts';
import { breakWith, type Spoilage, spoilWith } from './spoil.ts';

/** A gateway process in the production profile, whose providers' answers can be spoiled. */
export interface World {
  readonly url: string;
  /** The process that runs now. */
  readonly child: Child;
  readonly values: Values;
  spoil(spoilages: readonly Spoilage[]): void;
  /** Null: anonymous. */
  tokenOf(asker: Asker): string | null;
  /** Something happens at both providers, and their webhooks tell. */
  makeNews(): void;
  /** Logs in again where a session has ended, or lost a provider. */
  recover(): Promise<void>;
  /** Starts the process again, as nothing that it did counts for what comes; the sessions are those of before. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export const METRICS_TOKEN = 'metrics-token-of-the-fuzz-0123456789';
const PRODUCTION = { NODE_ENV: 'production', PUBLIC_URL: 'https://api.example.com', METRICS_TOKEN };

export async function startWorld(): Promise<World> {
  const gateway = await prepareGatewayProcess(PRODUCTION);
  const [bongloy, casso] = await Promise.all([
    startSpoiledAnswers(gateway.bongloy.url),
    startSpoiledAnswers(gateway.casso.url),
  ]);
  const settings = { BONGLOY_API_URL: bongloy.url, CASSO_API_URL: casso.url };
  let child = await gateway.start(settings);
  const inProcess = {
    ...gateway,
    ask: (query: string, variables: object, token?: string) => ask(gateway.url, query, variables, token),
  } as unknown as Gateway;

  async function logIn(): Promise<Readonly<Record<Asker, string | null>>> {
    const both = await logInAs(inProcess, 'main');
    await linkCasso(inProcess, SANDBOX_BUSINESSES.main.apiKey, both);
    return {
      both,
      cardholder: await logInAs(inProcess, 'main'),
      business: await linkCasso(inProcess, SANDBOX_BUSINESSES.main.apiKey),
      operator: await gateway.operatorToken(),
      anonymous: null,
    };
  }
  let tokens = await logIn();
  gateway.bongloy.control.setWebhook({ url: `${gateway.url}/webhooks/bongloy`, secret: BONGLOY_SECRET });
  useCassoWebhook(inProcess, 'v1');

  async function recover(): Promise<void> {
    const standing = await Promise.all(
      [tokens.both, tokens.cardholder, tokens.business].map(async (token) => {
        const { data } = await inProcess.ask('{ viewer { linkedProviders } }', {}, token ?? '');
        return data?.['viewer']?.linkedProviders.length;
      }),
    );
    if (standing.join() !== '2,1,1') tokens = await logIn();
  }

  const values = await valuesFrom(inProcess, tokens.both ?? '');

  return {
    url: gateway.url,
    get child() {
      return child;
    },
    values,
    spoil(spoilages) {
      for (const proxy of [bongloy, casso]) {
        proxy.spoil = spoilages.length > 0 ? spoilWith(spoilages) : null;
        proxy.breaks = spoilages.length > 0 ? breakWith(spoilages) : null;
      }
    },
    tokenOf: (asker) => tokens[asker],
    makeNews() {
      gateway.bongloy.control.makePurchase({ merchant: 'Fuzz', amount: 100 });
      gateway.casso.control.makeTransfer({ description: 'Fuzz', amount: 100_000 });
    },
    recover,
    async restart() {
      child.signal('SIGKILL');
      await child.exit;
      child = await gateway.start(settings);
      await recover();
    },
    async close() {
      child.signal('SIGTERM');
      await child.exit;
      await Promise.all([bongloy.close(), casso.close()]);
      await gateway.remove();
    },
  };
}

/** Values that lead somewhere, and some that do not. */
async function valuesFrom(gateway: Gateway, token: string): Promise<Values> {
  const { data } = await gateway.ask(
    `{ accounts(first: 2) { nodes { id number } } cards(first: 2) { nodes { id } } transactions(first: 3) { nodes { id } pageInfo { endCursor } }
       bankAccounts { nodes { id accountNumber } } bankTransactions(first: 3) { nodes { id } pageInfo { endCursor } } activity(first: 3) { pageInfo { endCursor } }
       eventCursor }`,
    {},
    token,
  );
  const lists = ['accounts', 'cards', 'transactions', 'bankAccounts', 'bankTransactions'];
  const ids = lists.flatMap((name) => data?.[name].nodes.map(({ id }: { id: string }) => id) as string[]);
  const cursors = ['transactions', 'bankTransactions', 'activity'].map(
    (name) => data?.[name].pageInfo.endCursor,
  );
  return {
    id: [...ids, encodeGlobalId('Transaction', SANDBOX_TRANSACTIONS.pending), 'no id'],
    ids: [ids, []],
    ID: [...ids, 'no id'],
    String: ['', 'Cà phê', ...cursors, data?.['eventCursor']],
    after: [...cursors, data?.['eventCursor'], ''],
    before: [...cursors, ''],
    bankAccountNumber:
      data?.['bankAccounts'].nodes.map((one: { accountNumber: string }) => one.accountNumber) ?? [],
    locale: ['vi-VN', 'km-KH', 'no locale'],
    Int: [0, 1, 3, 100, 101, -1],
    DateTime: ['2026-01-01T00:00:00Z', '2030-01-01T00:00:00+07:00'],
    Date: ['2026-01-01', '1900-02-28'],
    SafeInt: [0, 1_000, 9_007_199_254_740_991],
    PhoneNumber: ['+85513333333', '+84901234567'],
    URL: ['https://shop.example.com/webhooks', 'http://127.0.0.1/x'],
    CurrencyCode: ['USD', 'VND'],
  };
}
