import { setTimeout as wait } from 'node:timers/promises';
import { Pool } from 'undici';
import { BANK_ACCOUNTS } from '../upstream/casso.js';
import { deliver, deliveryV1, microseconds } from './webhook.js';
import { worker } from './worker.js';

/** The process that plays the provider: sends events, whose accounts take turns. */
let nextId = 1;

async function send(pool, path, count) {
  const rows = Array.from({ length: count }, () => {
    const id = nextId++;
    return { id, account: id % BANK_ACCOUNTS };
  });
  await deliver(pool, path, deliveryV1(rows));
}

worker({
  /** As fast as they are acknowledged, `rows` a delivery on four connections. @returns when the first one left. */
  async burst({ url, events, rows }) {
    const { origin, pathname } = new URL(url);
    const pool = new Pool(origin, { connections: 4 });
    const begun = microseconds();
    let left = events / rows;
    const run = async () => {
      while (left > 0) {
        left -= 1;
        await send(pool, pathname, rows);
      }
    };
    await Promise.all([run(), run(), run(), run()]);
    await pool.close();
    return begun;
  },

  /** One event a delivery, `perSecond` of them, for `seconds`. */
  async pace({ url, perSecond, seconds }) {
    const { origin, pathname } = new URL(url);
    const pool = new Pool(origin, { connections: 8 });
    const sent = [];
    for (let n = 0; n < perSecond * seconds; n += 1) {
      sent.push(send(pool, pathname, 1));
      await wait(1000 / perSecond);
    }
    await Promise.all(sent);
    await pool.close();
    return sent.length;
  },
});
