import { setTimeout as wait } from 'node:timers/promises';
import { openSocket } from '../lib/socket-client.js';

const SUBSCRIPTION = `subscription ($after: String) {
  transactionEvents(after: $after) { cursor transaction { providerId amount { minorUnits } } }
}`;
/** Sockets that are opened at once. */
const TOGETHER = 50;

/**
 * Cardholders who listen, one socket each, as docs/subscriptions.md has it: whatever ends is begun again after the last
 * cursor that was handled.
 * @param tokens one for each.
 * @param ports of the gateways, which they are spread over.
 */
export async function startListeners(tokens, ports, cursor) {
  const people = tokens.map((token, index) => ({
    token,
    port: ports[index % ports.length],
    cursor,
    got: [],
    close: null,
  }));
  let ends = 0;
  const over = new AbortController();

  async function listen(person) {
    while (!over.signal.aborted) {
      await stream(person).catch(() => {});
      person.close = null;
      ends += 1;
      await wait(500);
    }
  }

  /** Resolves when the stream has ended, for whatever reason. */
  const stream = (person) =>
    new Promise((resolve, reject) => {
      const opened = openSocket({
        port: person.port,
        protocol: 'graphql-transport-ws',
        onClose: resolve,
        onText(bytes) {
          const { type, payload } = JSON.parse(bytes);
          if (type === 'connection_ack') void opened.then(subscribe);
          else if (type !== 'next' || payload.errors) void opened.then(({ close }) => close());
          else {
            const { cursor: handled, transaction } = payload.data.transactionEvents;
            person.cursor = handled;
            person.got.push(transaction.providerId);
          }
        },
      });
      const subscribe = ({ send, close }) => {
        const payload = { query: SUBSCRIPTION, variables: { after: person.cursor } };
        send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
        person.close = close;
      };
      const authorization = `Bearer ${person.token}`;
      opened.then(
        ({ send }) => send(JSON.stringify({ type: 'connection_init', payload: { authorization } })),
        reject,
      );
    });

  const connected = async () => {
    while (people.some(({ close }) => close === null)) await wait(100);
  };

  for (let from = 0; from < people.length; from += TOGETHER) {
    const some = people.slice(from, from + TOGETHER);
    for (const person of some) void listen(person);
    while (some.some(({ close }) => close === null)) await wait(20);
  }
  ends = 0;
  return {
    /** Resolves when everybody listens, such as after the gateways were restarted. */
    connected,
    /** What each was given since this was asked last, in order. */
    take: () => people.map((person) => person.got.splice(0)),
    /** Resolves when all together were given so many. @throws Error when they were not in time. */
    async until(count, seconds = 300) {
      const late = performance.now() + 1000 * seconds;
      const total = () => people.reduce((sum, { got }) => sum + got.length, 0);
      while (total() < count) {
        if (performance.now() > late) throw new Error(`${total()} of ${count} deliveries came`);
        await wait(100);
      }
    },
    /** Streams that ended and were begun again, since this was asked last. */
    takeEnds() {
      const taken = ends;
      ends = 0;
      return taken;
    },
    stop() {
      over.abort();
      for (const { close } of people) close?.();
    },
  };
}
