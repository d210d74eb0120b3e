import { setTimeout as wait } from 'node:timers/promises';
import { openSocket } from '../lib/socket-client.js';
import { worker } from '../lib/worker.js';

/** The process that plays everybody: people who ask, log in and out, and subscribers that come and go. */
const counts = { queries: 0, logins: 0, connected: 0, subscriptions: 0, events: 0, failures: 0 };
let lastFailure = null;
const ended = new AbortController();
let settings;

const QUERY = `{
  accounts(first: 3) { nodes { number balance { available { minorUnits currency } } cards(first: 5) { nodes { lastFour } } } }
  transactions(first: 20) { nodes { id description amount { formatted } card { lastFour } account { number } } }
  bankAccounts(first: 5) { nodes { accountNumber balance { minorUnits } } }
  activity(first: 10) { nodes { __typename occurredAt description } pageInfo { hasNextPage endCursor } }
}`;

const SUBSCRIPTIONS = [
  'subscription { activityEvents { __typename ... on TransactionEvent { cursor } ... on BankTransactionEvent { cursor } } }',
  'subscription { bankTransactionEvents { cursor bankTransaction { description amount { minorUnits } } } }',
  'subscription { transactionEvents { cursor transaction { description amount { minorUnits } } } }',
];

async function ask(query, variables, token) {
  const response = await fetch(`${settings.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  const refused = errors ?? (data.result?.message && [data.result]);
  if (refused) throw new Error(refused[0].message);
  return data;
}

async function logIn() {
  const begun = await ask(
    `mutation ($input: CreateCardholderVerificationInput!) {
      result: createCardholderVerification(input: $input) {
        ... on CreateCardholderVerificationPayload { verification { id } }
        ... on Error { message }
      }
    }`,
    { input: settings.person },
  );
  const authenticated = await ask(
    `mutation ($input: AuthenticateCardholderInput!) {
      result: authenticateCardholder(input: $input) {
        ... on AuthenticateCardholderPayload { session { token } }
        ... on Error { message }
      }
    }`,
    { input: { authToken: settings.authToken, cardholderVerificationId: begun.result.verification.id } },
  );
  const { token } = authenticated.result.session;
  await ask(
    `mutation ($input: LinkCassoApiKeyInput!) {
      result: linkCassoApiKey(input: $input) { ... on Error { message } }
    }`,
    { input: { apiKey: settings.apiKey } },
    token,
  );
  counts.logins += 1;
  return token;
}

const logOut = (token) => ask('mutation { result: logout { ... on Error { message } } }', undefined, token);

/** Repeats until the end; what goes wrong is counted, not thrown. */
async function forever(action) {
  while (!ended.signal.aborted) {
    try {
      await action();
    } catch (error) {
      counts.failures += 1;
      lastFailure = `${error.message} ${error.cause?.code ?? ''}`.trim();
      await wait(200);
    }
  }
}

/** One who watches for a while, leaves, and comes back. */
async function watch(n) {
  const { port } = new URL(settings.url);
  const token = settings.tokens[n % settings.tokens.length];
  let acknowledged = false;
  let ready;
  const admitted = new Promise((resolve) => {
    ready = resolve;
  });
  const socket = await openSocket({
    port: Number(port),
    protocol: 'graphql-transport-ws',
    onText(bytes) {
      const { type, payload } = JSON.parse(bytes);
      if (type === 'connection_ack') {
        counts.connected += 1;
        acknowledged = true;
        ready();
      } else if (type === 'next' && !payload.errors) counts.events += 1;
      else if (type !== 'complete') {
        counts.failures += 1;
        lastFailure = bytes.toString().slice(0, 200);
      }
    },
    onClose() {
      if (acknowledged) counts.connected -= 1;
    },
  });
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } }));
  await Promise.race([admitted, wait(10_000)]);
  const payload = { query: SUBSCRIPTIONS[n % SUBSCRIPTIONS.length] };
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload }));
  counts.subscriptions += 1;
  await wait(20_000 + Math.random() * 40_000);
  socket.close();
}

worker({
  /** @param given address, person, device's token, API key, subscribers and how many ask at once. */
  async begin(given) {
    settings = { ...given, tokens: [] };
    for (let n = 0; n < given.sessions; n += 1) settings.tokens.push(await logIn());
    for (let n = 0; n < given.subscribers; n += 1) {
      void wait(Math.random() * 20_000).then(() => forever(() => watch(n)));
    }
    for (let n = 0; n < given.askers; n += 1) {
      void forever(async () => {
        await ask(QUERY, undefined, settings.tokens[n % settings.tokens.length]);
        counts.queries += 1;
        await wait(250);
      });
    }
    void forever(async () => {
      await logOut(await logIn());
      await wait(500);
    });
  },
  renew(authToken) {
    settings.authToken = authToken;
  },
  counts: () => ({ ...counts, lastFailure }),
  end() {
    ended.abort();
  },
});
