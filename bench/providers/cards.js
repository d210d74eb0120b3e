import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { BONGLOY_SECRET, deliver, deliveryOfPurchase } from '../lib/webhook.js';
import { worker } from '../lib/worker.js';
import { logIn } from '../queries/contestants/mekong-login.js';
import { rowsOfCardholder, startCardholders } from './cardholders.js';
import { startGateways } from './gateways.js';
import { startListeners } from './listeners.js';

/** Cardholders from this number on never log in. */
const STRANGERS = 1001;
/** Logins at once. */
const TOGETHER = 10;

/** Cardholders who listen at gateways of one build, and what purchases cost Bongloy meanwhile: one cell of the table. */
worker({
  /**
   * @param folder of the build.
   * @param processes on NATS, where there are several; one is on SQLite, and is restarted.
   * @param purchases of the listeners, and as many of people who do not listen.
   * @param seconds for which what the latter cost is counted, as they may be looked for again.
   */
  async measure({ folder, processes, listeners: count, purchases, seconds }) {
    const cardholders = await startCardholders();
    const gateways = await startGateways(folder, processes, {
      BONGLOY_API_URL: cardholders.url,
      BONGLOY_CLIENT_ID: 'bench',
      BONGLOY_CLIENT_SECRET: 'bench',
      BONGLOY_API_TOKEN: 'bench',
      BONGLOY_WEBHOOK_SECRETS: BONGLOY_SECRET,
    });
    const { urls } = gateways;
    const tokens = await logInAll(urls, count);
    const ports = urls.map((url) => Number(new URL(url).port));
    const listeners = await startListeners(tokens, ports, await cursorOf(urls[0], tokens[0]));
    const provider = new Pool(urls[0], { connections: 4 });
    let made = 0;

    /** Of that cardholder, each another one. */
    async function purchase(user) {
      const { transactions } = rowsOfCardholder(user);
      const { id, relationships } = transactions[made % transactions.length];
      made += 1;
      const accountId = relationships.account.data.id;
      await deliver(provider, '/webhooks/bongloy', deliveryOfPurchase({ transactionId: id, accountId }));
      return id;
    }

    /** Purchases of listeners, each in turn, then of others; calls for each purchase. */
    async function round(strangers) {
      await cardholders.quiet(2000);
      cardholders.take();
      const wanted = Array.from({ length: count }, () => []);
      for (let n = 0; n < purchases; n += 1) {
        wanted[n % count].push(await purchase(n % count));
        await wait(100);
      }
      await listeners.until(purchases);
      await cardholders.quiet(2000);
      const own = cardholders.take();
      const given = listeners.take();
      if (JSON.stringify(given) !== JSON.stringify(wanted))
        throw new Error('a purchase was not given to its owner, once');

      const begun = performance.now();
      for (let n = 0; n < purchases; n += 1) await purchase(STRANGERS + strangers + n);
      await wait(Math.max(0, 1000 * seconds - (performance.now() - begun)));
      await cardholders.quiet(2000);
      const others = cardholders.take();
      if (listeners.take().some(({ length }) => length > 0))
        throw new Error("a stranger's purchase was given to a listener");
      return { own: own / purchases, others: others / purchases };
    }

    const first = await round(0);
    const ends = listeners.takeEnds();
    let again = null;
    if (processes === 1) {
      await gateways.restart();
      await listeners.connected();
      await cardholders.quiet(5000);
      const resumed = cardholders.take();
      again = { resumed, ...(await round(purchases)) };
    }
    listeners.stop();
    await provider.destroy();
    await gateways.stop();
    cardholders.stop();
    return { first, again, ends };
  },
});

async function logInAll(urls, count) {
  const tokens = [];
  for (let from = 0; from < count; from += TOGETHER) {
    const users = Array.from({ length: Math.min(TOGETHER, count - from) }, (_, n) => from + n);
    tokens.push(...(await Promise.all(users.map((user) => logIn(urls[user % urls.length], user)))));
  }
  return tokens;
}

async function cursorOf(url, token) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ eventCursor }' }),
  });
  const { data } = await response.json();
  return data.eventCursor;
}
