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

  /** Asks without a pause for the time given; what fails is counted apart. Client c asks as every `connections`-th of the tokens, from the c-th on. */
  async load({ url, tokens, connections, durationMs, ...what }) {
    const { origin, pathname } = new URL(url);
    const latencies = [];
    const failures = [];
    const begun = performance.now();
    const end = begun + durationMs;
    const run = async (first) => {
      const client = new Client(origin);
      for (let turn = first; performance.now() < end; turn += connections) {
        const asked = performance.now();
        try {
          await walk(client, pathname, tokens[turn % tokens.length], what);
          latencies.push(performance.now() - asked);
        } catch (error) {
          failures.push(error.message);
        }
      }
      await client.close();
    };
    await Promise.all(Array.from({ length: connections }, (_, client) => run(client)));
    const seconds = (performance.now() - begun) / 1000;
    return {
      operations: latencies.length,
      failed: failures.length,
      failure: failures[0],
      perSecond: latencies.length / seconds,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
    };
  },
});
