import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { startCassoSandbox } from '../../dist/providers/casso/sandbox/index.js';
import { CHECKSUM_KEY } from '../lib/webhook.js';
import { worker } from '../lib/worker.js';
import { startGateways } from './gateways.js';

/** What Casso allows, and what the gateway's setting says that it allows. */
const REQUESTS_PER_MINUTE = 2;
/** How often a dashboard asks both of its questions. */
const EVERY = 10_000;
const MINUTE = 60_000;

const NEWEST =
  '{ bankTransactions(first: 20) { nodes { providerId occurredAt description amount { minorUnits } } } }';
const BOARD = `{
  bankAccounts { nodes {
    accountNumber balance { minorUnits } bankTransactions(first: 3) { nodes { providerId amount { minorUnits } } }
  } }
  activity(first: 10) { nodes { ... on BankTransaction { providerId } occurredAt amount { minorUnits } } }
}`;

/** Dashboards of one shop that ask gateways of one build, under what Casso allows: one cell of the table. */
worker({
  /**
   * @param folder of the build.
   * @param processes on NATS, where there are several; one is on SQLite.
   * @param operator `{ token, env }`: the shop's back office, which all dashboards ask as.
   * @param transfers a minute, each told by a webhook.
   * @param seconds `{ measured, again }`: after the first minute, and after a restart.
   */
  async measure({ folder, processes, operator, dashboards, transfers, seconds }) {
    const casso = await startCassoSandbox({
      requestsPerMinute: REQUESTS_PER_MINUTE,
      // A webhook that a restart meets comes again soon.
      webhookBaseWait: 1000,
    });
    const gateways = await startGateways(folder, processes, {
      ...operator.env,
      CASSO_API_URL: casso.url,
      CASSO_API_KEY: casso.businesses.main.apiKey,
      CASSO_WEBHOOK_CHECKSUM_KEYS: CHECKSUM_KEY,
      CASSO_REQUESTS_PER_MINUTE: String(REQUESTS_PER_MINUTE),
    });
    const { urls } = gateways;
    const webhook = { business: 'main', version: 'v2', secret: CHECKSUM_KEY };
    casso.control.setWebhook({ ...webhook, url: `${urls[0]}/webhooks/casso` });

    const pools = urls.map((url) => new Pool(url, { connections: 8 }));
    /** The newest transfer whose webhook was answered; null before the first. */
    let told = null;
    let counts = none();
    /** Questions that wait for their answer. */
    const pending = new Set();
    const over = new AbortController();
    setMaxListeners(0, over.signal);
    const pause = (ms) => wait(ms, undefined, { signal: over.signal }).catch(() => {});

    async function ask(pool, query) {
      const { body } = await pool.request({
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${operator.token}` },
        body: JSON.stringify({ query }),
      });
      const { data, errors } = await body.json();
      return errors ? null : data;
    }

    async function question(kind, pool, query, idsOf) {
      const due = told;
      const counted = counts[kind];
      counted.asked += 1;
      const data = await ask(pool, query);
      if (data === null) return;
      counted.answered += 1;
      if (due === null || idsOf(data).includes(due)) counted.fresh += 1;
    }

    async function dashboard(n) {
      const pool = pools[n % pools.length];
      await pause((EVERY * n) / dashboards);
      while (!over.signal.aborted) {
        const next = pause(EVERY);
        // Without an answer is what a gateway is asked that does not listen.
        const both = Promise.all([
          question('newest', pool, NEWEST, ({ bankTransactions }) =>
            bankTransactions.nodes.map(({ providerId }) => providerId),
          ),
          question('board', pool, BOARD, ({ activity }) =>
            activity.nodes.map(({ providerId }) => providerId),
          ),
        ]).catch(() => {});
        pending.add(both);
        await both;
        pending.delete(both);
        await next;
      }
    }

    async function shop() {
      if (transfers === 0) return;
      while (!over.signal.aborted) {
        const next = pause(MINUTE / transfers);
        const { id } = casso.control.makeTransfer({ description: 'CHUYEN TIEN DON HANG', amount: 350_000 });
        await casso.control.webhooksIdle();
        told = String(id);
        await next;
      }
    }

    const asking = [shop(), ...Array.from({ length: dashboards }, (_, n) => dashboard(n))];
    async function measured(forSeconds) {
      const own = none();
      counts = own;
      casso.clearRequests();
      await wait(1000 * forSeconds);
      const statuses = casso.requests.map(({ status }) => status);
      counts = none();
      await Promise.all(pending);
      return {
        ...own,
        callsPerMinute: (60 * statuses.length) / forSeconds,
        refused: statuses.filter((status) => status === 429).length,
      };
    }
    await wait(MINUTE);
    const first = await measured(seconds.measured);
    await gateways.restart();
    const again = await measured(seconds.again);
    over.abort();
    await Promise.all(asking);
    await Promise.all(pools.map((pool) => pool.destroy()));
    await gateways.stop();
    await casso.close();
    return { first, again };
  },
});

const none = () => ({
  newest: { asked: 0, answered: 0, fresh: 0 },
  board: { asked: 0, answered: 0, fresh: 0 },
});
