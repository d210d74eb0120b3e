import { Client } from 'undici';
import { DIALECTS } from '../queries/dialects.js';
import { percentile } from './stats.js';
import { worker } from './worker.js';

/** The process that asks: one HTTP connection each for as many clients as are wanted, each waiting for its answer. */
async function post(client, path, token, query, operationName, variables) {
  const { statusCode, body } = await client.request({
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, operationName, variables }),
  });
  const text = await body.text();
  if (statusCode !== 200 || text.includes('"errors"')) {
    throw new Error(`${operationName}: ${statusCode} ${text.slice(0, 300)}`);
  }
  return text;
}

/** All steps of an operation, one after the other. @returns their answers. */
async function walk(client, path, token, { dialect = 'mekong', operation: name, variables }) {
  const { query, steps } = DIALECTS[dialect][name];
  const answers = [];
  for (const step of steps) {
    answers.push(await post(client, path, token, query, name, { ...variables, ...step(answers.at(-1)) }));
  }
  return answers;
}

worker({
  /** One operation on a connection that is open already. @returns answers and milliseconds. */
  async ask({ url, token, warmToken, ...what }) {
    const { origin, pathname } = new URL(url);
    const client = new Client(origin);
    if (warmToken) await walk(client, pathname, warmToken, what);
    const begun = performance.now();
    const answers = await walk(client, pathname, token, what);
    const ms = performance.now() - begun;
    await client.close();
    return { answers, ms };
  },

  /**
   * Asks without a pause for the time given; what fails is counted apart. Client c asks as every `connections`-th of the
   * tokens, from the c-th on. Time begins when every client has had one answer: Node.js takes in one connection in a turn
   * of its loop (libuv#3696), so the last of many would wait for its first answer through all the others' work.
   * @returns `operations` with those first ones, as the server has worked for them too; the rest without.
   */
  async load({ url, tokens, connections, durationMs, ...what }) {
    const { origin, pathname } = new URL(url);
    const first = [];
    const latencies = [];
    const failures = [];
    const ask = async (client, turn, into) => {
      const asked = performance.now();
      try {
        await walk(client, pathname, tokens[turn % tokens.length], what);
        into.push(performance.now() - asked);
      } catch (error) {
        failures.push(error.message);
      }
    };
    const clients = Array.from({ length: connections }, () => new Client(origin));
    await Promise.all(clients.map((client, number) => ask(client, number, first)));
    const begun = performance.now();
    const run = async (client, number) => {
      for (let turn = number + connections; performance.now() < begun + durationMs; turn += connections) {
        await ask(client, turn, latencies);
      }
      await client.close();
    };
    await Promise.all(clients.map(run));
    const seconds = (performance.now() - begun) / 1000;
    return {
      operations: first.length + latencies.length,
      failed: failures.length,
      failure: failures[0],
      perSecond: latencies.length / seconds,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
    };
  },
});
