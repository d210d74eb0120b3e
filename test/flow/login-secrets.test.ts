import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { HOUR, MINUTE } from '../../src/lib/duration.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { openDatabase } from '../../src/store/database.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  AUTHENTICATE,
  allowAtCasso,
  COMPLETE,
  LINK_KEY,
  LOGOUT,
  movableClock,
  post,
  REDIRECT_URI,
  REFRESH,
  REGISTER,
  START,
  SYNC,
  signedIn,
  VERIFY,
  VIEWER,
  whoLogsIn,
} from './login-support.ts';
import { type Exchange, startTap, type Tap } from './login-tap.ts';

/*
 * Every flow once, well and badly, with the most talkative log; then every byte that left the gateway is searched for
 * every secret that went over any wire.
 */

const clock = movableClock();
const OWN_SECRETS = {
  storeKey: randomBytes(32).toString('base64'),
  oldStoreKey: randomBytes(32).toString('base64'),
  bongloyWebhookSecret: 'bongloy-webhook-secret-0123456789',
  cassoChecksumKey: 'casso-checksum-key-0123456789',
  cassoSecureToken: 'casso-secure-token-0123456789',
};

let folder: string;
let taps: { readonly bongloy: Tap; readonly casso: Tap };
let gateway: Gateway;
const log: string[] = [];
/** Whatever clients were sent, headers and all, but for the answers whose purpose is to hand over a session's token. */
const answers: string[] = [];
const handovers: string[] = [];
/** What clients sent that is nobody else's business. */
const typedIn = new Set<string>();
const sessionTokens = new Set<string>();
const personal = new Set<string>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mekong-secrets-'));
  taps = { bongloy: await startTap(), casso: await startTap() };
  const starting = startGateway({
    clock,
    folder,
    logger: createLogger('debug', { write: (line) => void log.push(line) }),
    env: {
      LOG_LEVEL: 'debug',
      STORE_KEYS: `${OWN_SECRETS.storeKey},${OWN_SECRETS.oldStoreKey}`,
      BONGLOY_API_URL: taps.bongloy.url,
      CASSO_API_URL: taps.casso.url,
      CASSO_WEBHOOK_CHECKSUM_KEYS: OWN_SECRETS.cassoChecksumKey,
      CASSO_WEBHOOK_SECURE_TOKENS: OWN_SECRETS.cassoSecureToken,
      BONGLOY_WEBHOOK_SECRETS: OWN_SECRETS.bongloyWebhookSecret,
    },
  });
  gateway = await starting;
  taps.bongloy.connect(gateway.bongloy.url);
  taps.casso.connect(gateway.casso.url);
  const { url } = gateway;
  const { bongloyWebhookSecret, cassoChecksumKey } = OWN_SECRETS;
  gateway.bongloy.control.setWebhook({ url: `${url}/webhooks/bongloy`, secret: bongloyWebhookSecret });
  gateway.casso.control.setWebhook({ url: `${url}/webhooks/casso`, version: 'v2', secret: cassoChecksumKey });
}, 60_000);
afterAll(async () => {
  await Promise.all([taps.bongloy.close(), taps.casso.close()]);
  await rm(folder, { recursive: true, force: true });
});

async function ask(query: string, input?: object, token?: string) {
  const body = { query, variables: input && { input } };
  const { status, headers, text } = await post(
    gateway.url,
    body,
    token ? { authorization: `Bearer ${token}` } : {},
  );
  const { data, errors } = JSON.parse(text);
  const session = data?.result?.session;
  (session ? handovers : answers).push(JSON.stringify({ status, headers, text }));
  if (session) sessionTokens.add(session.token);
  return data?.result ?? data ?? errors;
}

/** @returns what was typed in, noted. */
const secretly = (text: string): string => {
  typedIn.add(text);
  return text;
};

const verify = async (): Promise<string> => (await ask(VERIFY, whoLogsIn(gateway))).verification.id;

async function bongloyLogin(token?: string): Promise<string> {
  const authToken = secretly(await signedIn(gateway));
  const input = { authToken, cardholderVerificationId: await verify() };
  return (await ask(AUTHENTICATE, input, token)).session.token;
}

async function cassoLogin(token?: string): Promise<string> {
  const { authorizationUrl } = await ask(START, { redirectUri: REDIRECT_URI }, token);
  const { code, state } = await allowAtCasso(authorizationUrl.replace(taps.casso.url, gateway.casso.url));
  return (await ask(COMPLETE, { code: secretly(code), state }, token)).session.token;
}

const EVERYTHING = `{
  viewer { kind expiresAt linkedProviders }
  cardIssuer { id name }
  cardholder { id name phoneNumber email individual { address dateOfBirth identityDocumentNumber } additionalDetails }
  accounts(first: 3) { nodes { id number accountIdentifier metadata balance { available { decimal } } } }
  cards(first: 3) { nodes { id lastFour account { number } } }
  transactions(first: 5) { nodes { id description amount { formatted } } }
  bankAccounts { nodes { id accountNumber accountName balance { decimal } } }
  bankTransactions(first: 5) { nodes { id description counterparty { name accountNumber } } }
  activity(first: 5) { nodes { id description } }
  eventCursor
}`;

async function logInAndRead(): Promise<string> {
  const token = await cassoLogin(await bongloyLogin());
  const { cardholder } = await ask(EVERYTHING, undefined, token);
  expect(cardholder.individual.identityDocumentNumber).toEqual(expect.any(String));
  for (const text of [
    cardholder.phoneNumber.slice(1),
    cardholder.name,
    cardholder.individual.address,
    cardholder.individual.identityDocumentNumber,
    cardholder.individual.dateOfBirth,
    cardholder.additionalDetails.member_id,
  ]) {
    personal.add(text);
  }
  await ask(REFRESH, undefined, token);
  gateway.bongloy.control.expireAccessToken();
  gateway.casso.control.expireTokens();
  await ask(EVERYTHING, undefined, token);
  clock.advance(7 * HOUR);
  await ask(EVERYTHING, undefined, token);
  const apiKey = secretly(SANDBOX_BUSINESSES.second.apiKey);
  await ask(LINK_KEY, { apiKey }, token);
  await ask(EVERYTHING, undefined, token);
  await ask(SYNC, { bankAccountNumber: '0123498765' }, token);
  return token;
}

async function mistakes(token: string): Promise<void> {
  const authToken = secretly(await signedIn(gateway, '855715100860'));
  await ask(AUTHENTICATE, { authToken, cardholderVerificationId: await verify() });
  for (const input of [
    { authToken: { secret: authToken }, cardholderVerificationId: '1' },
    { authToken: [`; at "x"; ${authToken}`], cardholderVerificationId: '1' },
    { authToken, cardholderVerificationID: '1' },
    `input ${authToken}`,
  ]) {
    const [error] = await ask(AUTHENTICATE, input as object);
    expect(error).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  }
  personal.add('85599912345');
  await ask(VERIFY, { phoneNumber: '+85599912345', accountIdentifier: '204000201' });
  await ask(LINK_KEY, { apiKey: secretly('AK_CS.mistyped-key-0123456789') });
  await ask(LINK_KEY, { apiKey: secretly('mistyped key\r\nwith: a header 0123456789') });
  await ask(COMPLETE, { code: secretly('wrong-code-0123456789'), state: 'wrong' });
  const bad = [
    'Bearer mks_wrong-token-0123456789',
    'Bearer eyJhbGciOiJub25lIn0.e30.',
    'Basic c2VjcmV0OnNlY3JldA==',
  ];
  for (const authorization of bad) {
    secretly(authorization.split(' ')[1] ?? '');
    answers.push(JSON.stringify(await post(gateway.url, { query: VIEWER }, { authorization })));
  }
  answers.push(
    JSON.stringify(await post(gateway.url, { query: '{ nothing }' }, { authorization: `Bearer ${token}` })),
  );
}

/** Every way of failing, at every endpoint that is sent a secret or answers with one. */
async function faults(token: string): Promise<void> {
  const kinds = [
    { kind: 'status', code: 400 },
    { kind: 'status', code: 401 },
    { kind: 'status', code: 403 },
    { kind: 'status', code: 500 },
    { kind: 'html' },
    { kind: 'truncated-json' },
    { kind: 'wrong-shape' },
    { kind: 'reset' },
    { kind: 'reset-mid-body' },
  ] as const;
  for (const kind of kinds) {
    // Each of them after the breaker's window, which would answer in their place.
    clock.advance(MINUTE);
    gateway.bongloy.control.setFault({ ...kind, match: '/connect', times: 2 });
    gateway.casso.control.setFault({ ...kind, match: '/v2', times: 2 });
    await ask('{ cardholder { name } bankAccounts { nodes { id } } }', undefined, token);
    gateway.bongloy.control.clearFaults();
    gateway.casso.control.clearFaults();
    gateway.bongloy.control.setFault({ ...kind, match: '/oauth' });
    gateway.casso.control.setFault({ ...kind, match: '/auth' });
    const authToken = secretly(await signedIn(gateway));
    await ask(AUTHENTICATE, { authToken, cardholderVerificationId: 'x' });
    const { state } = await ask(START, { redirectUri: REDIRECT_URI });
    await ask(COMPLETE, { code: secretly(`code-of-nobody-${kind.kind}`), state });
    gateway.bongloy.control.clearFaults();
    gateway.casso.control.clearFaults();
  }
}

/** What is logged beside: a refused refresh, one that failed too early to matter, a damaged row, a broken delivery. */
async function troubles(): Promise<void> {
  const token = await bongloyLogin();
  clock.advance(2 * HOUR - 90_000);
  gateway.bongloy.control.setFault({ kind: 'status', code: 503, match: '/oauth/token' });
  await ask('{ cardholder { name } }', undefined, token);
  gateway.bongloy.control.revokeTokens();
  await ask(REFRESH, undefined, token);
  await ask('{ cardholder { name } }', undefined, token);

  const damaged = await bongloyLogin();
  const database = openDatabase(join(folder, 'mekong.db'));
  database.prepare('UPDATE sessions SET sealed = substr(sealed, 1, length(sealed) - 9)').run();
  database.close();
  clock.advance(2 * MINUTE);
  await ask(VIEWER, undefined, damaged);
}

async function operate(): Promise<void> {
  const operator = secretly(await gateway.operatorToken());
  await ask(VIEWER, undefined, operator);
  await ask(EVERYTHING, undefined, operator);
  await ask(SYNC, { bankAccountNumber: '00710008888' }, operator);
  await ask(REGISTER, {}, operator);
  await ask(SYNC, { bankAccountNumber: '0' }, secretly(await gateway.operatorToken(['events:read'])));
}

async function webhooksAndSockets(token: string): Promise<void> {
  const client = createClient({
    url: `${gateway.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    on: { message: (message) => answers.push(JSON.stringify(message)) },
  });
  const events = client.iterate({ query: 'subscription { activityEvents { __typename } }' });
  const first = events.next();
  await ask(EVERYTHING, undefined, token);
  for (const mode of ['valid', 'wrong-iss', 'expired', 'alg-none', 'garbage-body'] as const) {
    await gateway.bongloy.control.sendWebhook({ mode });
  }
  gateway.bongloy.control.makePurchase();
  gateway.casso.control.makeTransfer({ business: 'main' });
  await first;
  await gateway.bongloy.control.webhooksIdle();
  await gateway.casso.control.webhooksIdle();
  for (const authorization of ['Bearer x.y.z', `Bearer ${OWN_SECRETS.bongloyWebhookSecret}`]) {
    const headers = { authorization, 'secure-token': OWN_SECRETS.cassoSecureToken };
    for (const provider of ['bongloy', 'casso']) {
      const response = await fetch(`${gateway.url}/webhooks/${provider}`, {
        method: 'POST',
        headers,
        body: '{}',
      });
      answers.push(JSON.stringify([...response.headers]) + (await response.text()));
    }
  }
  const closed = new Promise((resolve) => client.on('closed', resolve));
  await ask(LOGOUT, undefined, token);
  expect(await closed).toMatchObject({ code: 4401 });
}

/** Names of members, of JSON or of a form, that hold secrets. */
const SECRET_MEMBERS = new Set([
  'access_token',
  'refresh_token',
  'client_secret',
  'auth_token',
  'code',
  'token',
  'secure_token',
  'param2',
]);

function membersOf(text: string): [string, unknown][] {
  try {
    const found: [string, unknown][] = [];
    JSON.parse(text, (name, value) => {
      found.push([name, value]);
      return value;
    });
    return found;
  } catch {
    return [...new URLSearchParams(text)];
  }
}

/** What an exchange with a provider held that must stay between the two. */
function secretsOf({ headers, body, answer }: Exchange): string[] {
  const credential = headers.authorization?.replace(/^\w+ /, '') ?? '';
  const members = [...membersOf(body), ...membersOf(answer)];
  const values = members.filter(([name, value]) => SECRET_MEMBERS.has(name) && typeof value === 'string');
  return [credential, ...values.map(([, value]) => String(value))].filter((text) => text.length > 7);
}

/** Each secret as it would look in a text, in JSON, in a URL and in Basic authentication. */
const disguises = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  encodeURIComponent(secret),
  Buffer.from(secret).toString('base64').replace(/=+$/, ''),
  Buffer.from(secret).toString('hex'),
];

/** Which of the secrets the text holds, shortened. */
const found = (text: string, secrets: Iterable<string>): string[] =>
  [...secrets]
    .filter((secret) => disguises(secret).some((form) => text.includes(form)))
    .map((s) => s.slice(0, 12));

/** The database and whatever SQLite keeps beside it, byte for byte. */
async function databaseFiles(): Promise<[name: string, bytes: string][]> {
  const names = (await readdir(folder)).filter((name) => name.startsWith('mekong.db'));
  const read = async (name: string) => (await readFile(join(folder, name))).toString('latin1');
  return Promise.all(names.map(async (name): Promise<[string, string]> => [name, await read(name)]));
}

test('Nothing secret that went over any wire is in any answer, any line of the log, or the database', async () => {
  const token = await logInAndRead();
  await mistakes(token);
  await operate();
  await faults(token);
  await webhooksAndSockets(await bongloyLogin());
  await troubles();
  answers.push(await (await fetch(`${gateway.url}/readyz`)).text());
  const page = await fetch(`${gateway.url}/graphql`, { headers: { accept: 'text/html' } });
  // The simulator's own key stands in a tab, so that a newcomer can link a bank: the one that is no secret.
  answers.push((await page.text()).replaceAll(SANDBOX_BUSINESSES.main.apiKey, ''));
  const whileRunning = await databaseFiles();
  await gateway.stop();

  const onTheWires = new Set([...taps.bongloy.exchanges, ...taps.casso.exchanges].flatMap(secretsOf));
  const { clientSecret, apiToken } = gateway.bongloy.application;
  // The search is worth nothing unless these were seen by it.
  for (const known of [
    clientSecret,
    apiToken,
    SANDBOX_BUSINESSES.main.apiKey,
    SANDBOX_BUSINESSES.second.apiKey,
    gateway.casso.oauthClient.clientSecret,
    OWN_SECRETS.cassoSecureToken,
    ...[...typedIn].filter((text) => /^ey.*phone|^AK_CS/.test(text)),
  ]) {
    expect(onTheWires).toContain(known);
  }
  expect(onTheWires.size).toBeGreaterThan(30);
  expect(sessionTokens.size).toBeGreaterThan(1);
  expect(new Set(log.map((line) => JSON.parse(line).msg))).toEqual(
    new Set([
      'operation',
      'answered',
      'reconciliation is done by this process',
      'webhook accepted',
      'webhook refused: docs/providers.md tells what the reason means',
      'the provider refused an API key: it is unlinked, and has to be linked again',
      'the provider refused to refresh a grant: it is unlinked, and has to be linked anew',
      'a refresh failed while the access token still holds',
      'a row cannot be read, and is left out: docs/providers.md tells what the provider should send',
      'a session cannot be opened: has a key been taken out of STORE_KEYS too early?',
    ]),
  );
  expect(answers.length).toBeGreaterThan(60);
  expect(whileRunning.map(([name]) => name)).toContain('mekong.db-wal');

  const secrets = new Set([...onTheWires, ...typedIn, ...Object.values(OWN_SECRETS)]);
  expect(found(answers.join('\n'), [...secrets, ...sessionTokens]), 'answers').toEqual([]);
  expect(found(handovers.join('\n'), secrets), 'answers that hand a session over').toEqual([]);
  expect(found(log.join(''), [...secrets, ...sessionTokens, ...personal]), 'log').toEqual([]);
  for (const [name, bytes] of [...whileRunning, ...(await databaseFiles())]) {
    expect(found(bytes, [...secrets, ...sessionTokens, ...personal]), name).toEqual([]);
  }
}, 60_000);
