import { once } from 'node:events';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { heldBy, NOTHING } from './gauges.ts';
import { postByHand } from './raw-http.ts';
import { RawSocket } from './raw-socket.ts';

const EVENTS = 'subscription { activityEvents { __typename } }';

/** Everything that a client may begin and walk away from, each on a connection of its own. */
const WAYS: readonly ((url: string, token: string) => Promise<void>)[] = [
  async (url, token) => {
    const refused = await postByHand(url, { query: EVENTS, token, accept: 'application/json' });
    await refused.begun;
    refused.socket.destroy();
  },
  async (url, token) => {
    const aborted = await postByHand(url, { query: EVENTS, token, accept: 'text/event-stream', times: 2 });
    aborted.socket.destroy();
  },
  async (url, token) => {
    const read = await postByHand(url, { query: EVENTS, token, accept: 'text/event-stream', times: 2 });
    await read.begun;
    read.socket.destroy();
  },
  async (url, token) => {
    const again = await RawSocket.open(url, token);
    again.subscribe('a', { query: EVENTS });
    again.complete('a');
    again.subscribe('a', { query: EVENTS });
    await again.roundTrip();
    again.socket.terminate();
  },
  async (url, token) => {
    const prepared = await RawSocket.open(url, token);
    prepared.subscribe('a', { query: EVENTS });
    prepared.subscribe('b', { query: '{ bankAccounts { nodes { number } } }' });
    prepared.socket.terminate();
  },
  async (url) => {
    const silent = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(silent, 'open');
    silent.terminate();
  },
];

/** Does all of them so often, until the gateway says that it holds nothing for a client. @returns how many were left. */
export async function abandon(url: string, token: string, times: number): Promise<number> {
  for (let n = 0; n < times; n += 1) for (const way of WAYS) await way(url, token);
  await expect.poll(() => heldBy({ url }), { timeout: 10_000 }).toEqual(NOTHING);
  return times * WAYS.length;
}
