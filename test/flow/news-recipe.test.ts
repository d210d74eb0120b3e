import { readFileSync } from 'node:fs';
import { type ClientOptions, createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { logInAs } from '../support/cardholder.ts';
import type { Gateway } from '../support/gateway.ts';
import { startNews } from '../support/news.ts';

const PAGE = readFileSync(new URL('../../docs/subscriptions.md', import.meta.url), 'utf8');
const LOGOUT = 'mutation { logout { __typename } }';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startNews();
});
afterAll(() => gateway.stop());

test('the client of docs/subscriptions.md handles every event once, across lost connections, until its session ends', async () => {
  const recipe = /```js recipe\nimport .*\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '';
  const token = await gateway.logIn();
  const sockets: WebSocket[] = [];
  class Socket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url.replace('wss://api.example.com', gateway.url.replace('http', 'ws')), protocols);
      sockets.push(this);
    }
  }
  const handled: string[] = [];
  const linkedAgain: string[] = [];
  let onHandled = () => {};
  const handling = (count: number) =>
    new Promise<void>((resolve) => {
      onHandled = () => {
        if (handled.length >= count) resolve();
      };
      onHandled();
    });
  /** The recipe waits before it comes back; the test tells when. */
  let comeBack = () => {};
  const waiting = () =>
    new Promise<void>((resolve) => {
      wait = resolve;
    });
  let wait = () => {};

  const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
  const parts = {
    token,
    createClient: (options: ClientOptions) => createClient({ ...options, webSocketImpl: Socket }),
    ask: (query: string) => gateway.ask(query, {}, token),
    handle(event: { transaction: { id: string } }) {
      handled.push(event.transaction.id);
      onHandled();
    },
    async linkAgain(provider: string) {
      linkedAgain.push(provider);
      await logInAs(gateway, 'main', token);
    },
    reloadThePage: () => Promise.reject(new Error('the cursor was good')),
    setTimeout(resolve: () => void) {
      comeBack = resolve;
      wait();
    },
  };
  const running: Promise<void> = new AsyncFunction(...Object.keys(parts), recipe)(...Object.values(parts));

  const idOf = (providerId: string) => Buffer.from(`Transaction:${providerId}`).toString('base64url');
  const pay = () => idOf(gateway.bongloy.control.makePurchase().id);
  // The client takes its cursor before it opens its first socket.
  while (sockets.length === 0) await new Promise((resolve) => setImmediate(resolve));
  const payments = [pay(), pay()];
  await handling(2);
  for (let drop = 0; drop < 3; drop += 1) {
    const away = waiting();
    sockets.at(-1)?.terminate();
    await away;
    payments.push(pay());
    await gateway.bongloy.control.webhooksIdle();
    comeBack();
    await handling(payments.length);
  }
  payments.push(pay());
  await handling(payments.length);
  expect(handled.toSorted()).toEqual(payments.toSorted());
  expect(sockets).toHaveLength(4);

  // The login at one provider ends, not the session: what happened meanwhile is delivered once it is linked again.
  const away = waiting();
  gateway.bongloy.control.revokeTokens();
  payments.push(pay());
  await away;
  expect(linkedAgain).toEqual(['BONGLOY']);
  comeBack();
  await handling(payments.length);
  expect(handled.toSorted()).toEqual(payments.toSorted());

  await gateway.ask(LOGOUT, {}, token);
  await running;
});
