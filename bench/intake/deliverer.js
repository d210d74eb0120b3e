import { Client } from 'undici';
import { percentile } from '../lib/stats.js';
import { deliver, deliveryV2 } from '../lib/webhook.js';
import { worker } from '../lib/worker.js';
import { BANK_ACCOUNTS } from '../upstream/casso.js';

/** The process that plays Casso: deliveries are signed before the clock runs. */
let nextId = 1;

worker({
  /** Several deliverers of one log must not repeat each other's ids. */
  numberFrom({ id }) {
    nextId = id;
  },

  async deliver({ url, connections, count }) {
    const { origin, pathname } = new URL(url);
    const deliveries = Array.from({ length: count }, () => {
      const id = nextId++;
      return deliveryV2({ id, account: id % BANK_ACCOUNTS });
    });
    const latencies = [];
    let repeated = 0;
    const run = async () => {
      const client = new Client(origin);
      for (let delivery = deliveries.pop(); delivery; delivery = deliveries.pop()) {
        const sent = performance.now();
        repeated += await deliver(client, pathname, delivery);
        latencies.push(performance.now() - sent);
      }
      await client.close();
    };
    const begun = performance.now();
    await Promise.all(Array.from({ length: connections }, run));
    const seconds = (performance.now() - begun) / 1000;
    return {
      perSecond: count / seconds,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      repeated,
    };
  },
});
