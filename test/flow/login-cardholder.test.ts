import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { MINUTE } from '../../src/lib/duration.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  AUTHENTICATE,
  bongloySession,
  movableClock,
  post,
  result,
  signedIn,
  VERIFY,
  verified,
  whoLogsIn,
} from './login-support.ts';

const clock = movableClock();
let gateway: Gateway;

beforeAll(async () => {
  gateway = await startGateway({ clock });
});
afterAll(() => gateway.stop());
afterEach(() => gateway.bongloy.control.clearFaults());

const paths = () => gateway.bongloy.requests.map(({ method, path }) => `${method} ${path}`);

test('A cardholder logs in with a phone, an account and the code that came to the phone', async () => {
  gateway.bongloy.clearRequests();
  const begun = await result(gateway, VERIFY, whoLogsIn(gateway));
  expect(begun).toMatchObject({
    __typename: 'CreateCardholderVerificationPayload',
    verification: { phoneNumber: '+85513333333', status: 'pending' },
  });
  expect(Date.parse(begun.verification.validUntil) - clock.now()).toBeGreaterThan(MINUTE);

  const input = { authToken: await signedIn(gateway), cardholderVerificationId: begun.verification.id };
  const { session } = await result(gateway, AUTHENTICATE, input);
  expect(session).toMatchObject({ token: expect.stringMatching(/^mks_/), linkedProviders: ['BONGLOY'] });
  const { data } = await gateway.ask('{ cardholder { phoneNumber } }', undefined, session.token);
  expect(data?.cardholder).toEqual({ phoneNumber: '+85513333333' });
  expect(paths()).toEqual([
    'POST /connect/v1/cardholder_verifications',
    'POST /oauth/token',
    'GET /connect/v1/cardholder',
  ]);
});

test('No answer tells which of phone and account was wrong, or that Bongloy puts it differently', async () => {
  const { phoneNumber, accountIdentifier } = whoLogsIn(gateway);
  const answer = (input: object) => post(gateway.url, { query: VERIFY, variables: { input } });
  const wrongPhone = await answer({ phoneNumber: '+85599999999', accountIdentifier });
  expect(JSON.parse(wrongPhone.text).data.result).toEqual({
    __typename: 'BadUserInputError',
    message: 'No verification can be made for this phone number and account identifier.',
    code: 'BAD_USER_INPUT',
    field: 'input',
  });

  const sameForAll = [
    await answer({ phoneNumber, accountIdentifier: '204999999' }),
    await answer({ phoneNumber, accountIdentifier: 'no number' }),
    await answer({ phoneNumber, accountIdentifier: '' }),
    await answer({ phoneNumber: '+85599999999', accountIdentifier: '204999999' }),
  ];
  for (const code of [400, 404, 422]) {
    gateway.bongloy.control.setFault({ kind: 'status', code, match: '/connect/v1/cardholder_verifications' });
    sameForAll.push(await answer({ phoneNumber, accountIdentifier }));
  }
  for (const other of sameForAll) expect(other).toEqual(wrongPhone);
});

test('A phone number has one spelling, and a wrong one costs no time and no upstream call', async () => {
  gateway.bongloy.clearRequests();
  const { accountIdentifier } = whoLogsIn(gateway);
  const spellings = ['85513333333', '+855 13 333 333', '+855-13333333', '+0855133333', ['+85513333333'], 1];
  // The last kind took graphql-scalars' pattern more than an hour.
  for (const phoneNumber of [...spellings, `+${'1'.repeat(40)}x`]) {
    const input = { phoneNumber, accountIdentifier };
    const { data, errors } = await gateway.ask(VERIFY, { input });
    expect(data, String(phoneNumber)).toBeUndefined();
    expect(errors?.[0]?.message).toContain('A phone number is E.164 text with its plus sign');
  }
  expect(paths()).toEqual([]);
});

test("A token of another phone's sign-in, or a forged one, is an InvalidGrantError without details", async () => {
  const refused = {
    __typename: 'InvalidGrantError',
    message: 'Bongloy refused the login. Start it again.',
    code: 'INVALID_GRANT',
  };
  const [header, , signature] = (await signedIn(gateway)).split('.');
  const claims = Buffer.from(JSON.stringify({ phone_number: '+85513333333' })).toString('base64url');
  for (const authToken of [
    await signedIn(gateway, '855715100860'),
    'x',
    `${header}.${claims}.${signature}`,
  ]) {
    const input = { authToken, cardholderVerificationId: await verified(gateway) };
    expect(await result(gateway, AUTHENTICATE, input)).toEqual(refused);
  }
  for (const cardholderVerificationId of ['unknown', '']) {
    const unknown = { authToken: await signedIn(gateway), cardholderVerificationId };
    expect(await result(gateway, AUTHENTICATE, unknown)).toEqual(refused);
  }
  const empty = { authToken: '', cardholderVerificationId: await verified(gateway) };
  expect(await result(gateway, AUTHENTICATE, empty)).toEqual(refused);
});

test('A verification opens one login', async () => {
  const input = { authToken: await signedIn(gateway), cardholderVerificationId: await verified(gateway) };
  expect((await result(gateway, AUTHENTICATE, input)).__typename).toBe('AuthenticateCardholderPayload');
  expect((await result(gateway, AUTHENTICATE, input)).__typename).toBe('InvalidGrantError');
});

test('A login that comes too late is told apart from a wrong code: its verification has expired', async () => {
  const cardholderVerificationId = await verified(gateway);
  const authToken = await signedIn(gateway);
  clock.advance(2 * MINUTE);
  expect(await result(gateway, AUTHENTICATE, { authToken, cardholderVerificationId })).toEqual({
    __typename: 'BadUserInputError',
    message: 'The verification has expired. Create another one.',
    code: 'BAD_USER_INPUT',
    field: 'input.cardholderVerificationId',
  });
});

test('Bongloy has the last word on whether a verification has expired, whatever the client makes of its id', async () => {
  const [id] = (await verified(gateway)).split('.');
  const authToken = await signedIn(gateway);
  const input = { authToken, cardholderVerificationId: `${id}.1` };
  expect((await result(gateway, AUTHENTICATE, input)).__typename).toBe('AuthenticateCardholderPayload');

  const early = { authToken, cardholderVerificationId: await verified(gateway) };
  gateway.bongloy.control.expireVerification();
  expect((await result(gateway, AUTHENTICATE, early)).__typename).toBe('InvalidGrantError');
});

test('Bongloy being down is told apart from a refusal, at both steps, and nothing is sent twice', async () => {
  const down = { __typename: 'UpstreamError', code: 'UPSTREAM_UNAVAILABLE', provider: 'BONGLOY' };
  const authToken = await signedIn(gateway);
  const faults = [
    { kind: 'status', code: 503 },
    { kind: 'reset' },
    { kind: 'html' },
    { kind: 'wrong-shape' },
    { kind: 'truncated-json' },
  ] as const;
  for (const fault of faults) {
    const input = { authToken, cardholderVerificationId: await verified(gateway) };
    gateway.bongloy.clearRequests();
    gateway.bongloy.control.setFault({ ...fault, match: '/connect/v1/cardholder_verifications' });
    gateway.bongloy.control.setFault({ ...fault, match: '/oauth/token' });
    expect(await result(gateway, VERIFY, whoLogsIn(gateway)), fault.kind).toMatchObject(down);
    expect(await result(gateway, AUTHENTICATE, input), fault.kind).toMatchObject(down);
    expect(paths()).toEqual(['POST /connect/v1/cardholder_verifications', 'POST /oauth/token']);
  }
});

test("Bongloy's own limit is told in seconds, at both steps", async () => {
  const input = { authToken: await signedIn(gateway), cardholderVerificationId: await verified(gateway) };
  gateway.bongloy.control.setFault({ kind: 'status', code: 429, retryAfter: 17, match: '/', times: 2 });
  const limited = { __typename: 'RateLimitedError', code: 'RATE_LIMITED', retryAfterSeconds: 17 };
  expect(await result(gateway, VERIFY, whoLogsIn(gateway))).toMatchObject(limited);
  expect(await result(gateway, AUTHENTICATE, input)).toMatchObject(limited);
});

test("Wrong credentials of the gateway's own are no fault of whoever logs in", async () => {
  const input = { authToken: await signedIn(gateway), cardholderVerificationId: await verified(gateway) };
  gateway.bongloy.control.setFault({ kind: 'status', code: 401, match: '/', times: 2 });
  const rejected = { __typename: 'UpstreamError', code: 'UPSTREAM_REJECTED', provider: 'BONGLOY' };
  expect(await result(gateway, VERIFY, whoLogsIn(gateway))).toMatchObject(rejected);
  expect(await result(gateway, AUTHENTICATE, input)).toMatchObject(rejected);
});

test('A second login makes a second session, and each answers for itself', async () => {
  const [one, two] = [await bongloySession(gateway), await bongloySession(gateway)];
  expect(one).not.toBe(two);
  for (const token of [one, two]) {
    const { data } = await gateway.ask('{ accounts(first: 1) { nodes { number } } }', undefined, token);
    expect(data?.accounts.nodes).toHaveLength(1);
  }
});
