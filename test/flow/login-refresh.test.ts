import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { HOUR, MINUTE } from '../../src/lib/duration.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { bongloySession, cassoOAuthSession, movableClock, VIEWER } from './login-support.ts';

const clock = movableClock();
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ clock, casso: { rotateRefreshTokens: true } });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
});
afterEach(() => {
  gateway.bongloy.control.clearFaults();
  gateway.bongloy.control.setRotation('grace');
});

const refreshes = () =>
  [...gateway.bongloy.requests, ...gateway.casso.requests].filter(({ path }) => path.endsWith('/token'))
    .length;
const refused = () =>
  [...gateway.bongloy.requests, ...gateway.casso.requests].filter(({ status }) => status === 401).length;
const reset = () => {
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
};
/** A burst's questions differ, so that none is answered by another one's call. */
const QUESTIONS = [
  '{ cardholder { name } }',
  '{ cards(first: 3) { nodes { lastFour } } }',
  ...Array.from({ length: 18 }, (_, index) => `{ accounts(first: ${index + 1}) { nodes { number } } }`),
];
const burst = (token: string) =>
  Promise.all(QUESTIONS.map((question) => gateway.ask(question, undefined, token)));

describe.each(['grace', 'strict'] as const)('With %s rotation', (rotation) => {
  let token: string;

  beforeEach(async () => {
    gateway.bongloy.control.setRotation(rotation);
    token = await bongloySession(gateway);
    reset();
  });

  test('an access token is refreshed shortly before it ends: no read is refused', async () => {
    clock.advance(2 * HOUR - 90_000);
    const first = await gateway.ask('{ cardholder { name } }', undefined, token);
    expect(first.data?.cardholder.name).toEqual(expect.any(String));
    expect(gateway.bongloy.requests.map(({ path }) => path)).toEqual([
      '/oauth/token',
      '/connect/v1/cardholder',
    ]);
    clock.advance(HOUR);
    await gateway.ask('{ cardholder { name } }', undefined, token);
    expect(refreshes(), 'the new one lasts').toBe(1);
    expect(refused()).toBe(0);
  });

  test('an access token that Bongloy ended early is refreshed on the 401, and the read repeated', async () => {
    gateway.bongloy.control.expireAccessToken();
    const { data, errors } = await gateway.ask('{ cardholder { name } }', undefined, token);
    expect(errors).toBeUndefined();
    expect(data?.cardholder.name).toEqual(expect.any(String));
    expect(gateway.bongloy.requests.map(({ path, status }) => `${path} ${status}`)).toEqual([
      '/connect/v1/cardholder 401',
      '/oauth/token 200',
      '/connect/v1/cardholder 200',
    ]);
  });

  test('twenty requests at once on a token that ended make one refresh, and none fails', async () => {
    for (const end of [() => gateway.bongloy.control.expireAccessToken(), () => clock.advance(3 * HOUR)]) {
      reset();
      end();
      const answers = await burst(token);
      expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(refreshes()).toBe(1);
    }
    reset();
    await burst(token);
    expect(refreshes(), 'and later ones use its outcome').toBe(0);
  });

  test('burst after burst, the pair that stands is always the last one', async () => {
    for (let round = 1; round <= 5; round += 1) {
      gateway.bongloy.control.expireAccessToken();
      const answers = await burst(token);
      expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
      expect(refreshes()).toBe(round);
      clock.advance(MINUTE);
    }
  });
});

test("Casso's tokens are refreshed the same way, with the redirect URI of the authorization", async () => {
  const token = await cassoOAuthSession(gateway);
  reset();
  gateway.casso.control.expireTokens();
  const questions = Array.from(
    { length: 20 },
    (_, i) => `{ bankAccounts(first: ${i + 1}) { nodes { id } } }`,
  );
  const answers = await Promise.all(questions.map((question) => gateway.ask(question, undefined, token)));
  expect(answers.flatMap(({ errors }) => errors ?? [])).toEqual([]);
  expect(refreshes()).toBe(1);

  reset();
  clock.advance(7 * HOUR);
  expect((await gateway.ask('{ bankAccounts { nodes { id } } }', undefined, token)).errors).toBeUndefined();
  expect(refreshes()).toBe(1);
  expect(refused(), 'before it ends').toBe(0);
});

test('A refresh that is refused for good unlinks that provider alone, and the other still answers', async () => {
  const token = await bongloySession(gateway, await cassoOAuthSession(gateway));
  gateway.bongloy.control.revokeTokens();
  reset();
  const query = '{ cardholder { name } bankAccounts { nodes { id } } viewer { kind } }';
  const answers = await Promise.all(Array.from({ length: 5 }, () => gateway.ask(query, undefined, token)));
  for (const { data, errors } of answers) {
    expect(data).toMatchObject({ cardholder: null, bankAccounts: { nodes: expect.any(Array) } });
    expect(errors).toMatchObject([
      { path: ['cardholder'], extensions: { code: 'UNAUTHENTICATED', provider: 'BONGLOY' } },
    ]);
  }
  expect(refreshes()).toBe(1);
  const { data } = await gateway.ask(VIEWER, undefined, token);
  expect(data?.viewer.linkedProviders).toEqual(['CASSO']);

  expect(await bongloySession(gateway, token), 'linked again').toBe(token);
  expect((await gateway.ask('{ cardholder { name } }', undefined, token)).errors).toBeUndefined();

  gateway.casso.control.expireTokens({ refreshTokens: true });
  clock.advance(MINUTE);
  const other = await gateway.ask(query, undefined, token);
  expect(other.data).toMatchObject({ cardholder: { name: expect.any(String) }, bankAccounts: null });
  expect(other.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED', provider: 'CASSO' } }]);
});

test('A token endpoint that is down unlinks nobody: asking again later works', async () => {
  const token = await bongloySession(gateway);
  gateway.bongloy.control.expireAccessToken();
  gateway.bongloy.control.setFault({ kind: 'status', code: 503, match: '/oauth/token' });
  const { data, errors } = await gateway.ask('{ cardholder { name } }', undefined, token);
  expect(data).toEqual({ cardholder: null });
  expect(errors).toMatchObject([{ extensions: { code: 'UPSTREAM_UNAVAILABLE', provider: 'BONGLOY' } }]);
  expect((await gateway.ask('{ cardholder { name } }', undefined, token)).errors).toBeUndefined();
});

test('A token endpoint that is down before the token has ended is nothing that a client sees', async () => {
  const token = await bongloySession(gateway);
  clock.advance(2 * HOUR - 90_000);
  gateway.bongloy.control.setFault({ kind: 'status', code: 503, match: '/oauth/token' });
  const { errors } = await gateway.ask('{ cardholder { name } }', undefined, token);
  expect(errors).toBeUndefined();
});
