import { afterEach, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  AUTHENTICATE,
  COMPLETE,
  LINK_KEY,
  LOGOUT,
  post,
  REDIRECT_URI,
  REFRESH,
  START,
  VERIFY,
} from './login-support.ts';

let gateway: Gateway;
afterEach(() => gateway.stop());

const limited = async (env: NodeJS.ProcessEnv) => {
  gateway = await startGateway({ env: { TRUST_PROXY: 'true', ...env } });
};

/** One request that comes, as our own proxy tells it, from `address`. */
async function from(address: string, query: string, input?: object, token?: string) {
  const headers = { 'x-forwarded-for': address, ...(token && { authorization: `Bearer ${token}` }) };
  const { text } = await post(gateway.url, { query, variables: input && { input } }, headers);
  const { data, errors } = JSON.parse(text);
  return data?.result ?? { ...errors[0].extensions };
}
const verify = (address: string, phoneNumber: string) =>
  from(address, VERIFY, { phoneNumber, accountIdentifier: '1' });
const LIMITED = {
  __typename: 'RateLimitedError',
  code: 'RATE_LIMITED',
  message: expect.stringMatching(/^Too many requests; try again in \d+ s\.$/),
};

test('Ten attempts a minute are free to an address; the next is told how many seconds to wait, unsent', async () => {
  await limited({ LOGIN_ATTEMPTS_PER_MINUTE: '' });
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const answer = await verify('198.51.100.1', `+8551000000${attempt}`);
    expect(answer.__typename).toBe('BadUserInputError');
  }
  gateway.bongloy.clearRequests();
  const over = await verify('198.51.100.1', '+855100000099');
  expect(over).toMatchObject(LIMITED);
  expect(over.retryAfterSeconds).toBeGreaterThan(50);
  expect(over.retryAfterSeconds).toBeLessThanOrEqual(60);
  expect(gateway.bongloy.requests).toEqual([]);
  expect((await verify('198.51.100.2', '+855100000099')).__typename).toBe('BadUserInputError');
});

test('Five attempts a minute are free to a phone, from wherever they come', async () => {
  await limited({ LOGIN_ATTEMPTS_PER_MINUTE: '' });
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    expect((await verify(`198.51.100.${attempt}`, '+85513333333')).__typename).toBe('BadUserInputError');
  }
  expect(await verify('198.51.100.6', '+85513333333')).toMatchObject(LIMITED);
  expect((await verify('198.51.100.6', '+85513333334')).__typename).toBe('BadUserInputError');
});

test('The address is the one that our own proxy wrote: earlier ones are whatever the client claims', async () => {
  await limited({ LOGIN_ATTEMPTS_PER_MINUTE: '2' });
  for (const claimed of ['203.0.113.1', '203.0.113.2']) {
    const answer = await verify(`${claimed}, 198.51.100.1`, `+855990000${claimed.slice(-1)}`);
    expect(answer.__typename).toBe('BadUserInputError');
  }
  expect(await verify('203.0.113.3, 198.51.100.1', '+8559900003')).toMatchObject(LIMITED);
});

test('Without a trusted proxy X-Forwarded-For is nobody’s address', async () => {
  await limited({ LOGIN_ATTEMPTS_PER_MINUTE: '2', TRUST_PROXY: 'false' });
  await verify('203.0.113.1', '+8559900001');
  await verify('203.0.113.2', '+8559900002');
  expect(await verify('203.0.113.3', '+8559900003')).toMatchObject(LIMITED);
});

test('Every way in counts, and so does a refresh; logging out always works', async () => {
  await limited({ LOGIN_ATTEMPTS_PER_MINUTE: '3' });
  const { session } = await from('192.0.2.1', LINK_KEY, { apiKey: SANDBOX_BUSINESSES.second.apiKey });
  const spend = async (address: string) => {
    for (let attempt = 0; attempt < 3; attempt += 1) await from(address, LINK_KEY, { apiKey: 'wrong' });
  };
  const ways = [
    [VERIFY, { phoneNumber: '+85513333333', accountIdentifier: '1' }],
    [AUTHENTICATE, { authToken: 'x', cardholderVerificationId: 'y' }],
    [START, { redirectUri: REDIRECT_URI }],
    [COMPLETE, { code: 'x', state: 'y' }],
    [LINK_KEY, { apiKey: SANDBOX_BUSINESSES.second.apiKey }],
    [REFRESH, undefined],
  ] as const;
  await spend('192.0.2.2');
  gateway.bongloy.clearRequests();
  gateway.casso.clearRequests();
  for (const [mutation, input] of ways) {
    const answer = await from('192.0.2.2', mutation, input, session.token);
    expect(answer, mutation).toMatchObject({ code: 'RATE_LIMITED' });
    expect(answer.retryAfterSeconds, mutation).toBeGreaterThan(0);
  }
  expect([...gateway.bongloy.requests, ...gateway.casso.requests]).toEqual([]);
  expect((await from('192.0.2.2', LOGOUT, undefined, session.token)).__typename).toBe('LogoutPayload');
});

test('A login field stands once in a request, so that no request makes many attempts', async () => {
  await limited({ LOGIN_ATTEMPTS_PER_MINUTE: '2' });
  const call = 'linkCassoApiKey(input: { apiKey: "x" })';
  const field = `${call} { __typename }`;
  const many = [
    { query: `mutation { a: ${field} b: ${field} }` },
    { query: `mutation { ${field} ...B } fragment B on Mutation { b: ${field} }` },
    { query: `mutation { ${field} ... on Mutation { b: ${field} } }` },
    { query: `mutation ($no: Boolean = false) { ${field} b: ${call} @skip(if: $no) { __typename } }` },
  ];
  for (const body of many) {
    const { data, errors } = JSON.parse((await post(gateway.url, body)).text);
    expect(data).toBeUndefined();
    expect(errors[0].message).toBe('linkCassoApiKey may stand only once in a request.');
  }
  const batch = await post(gateway.url, [
    { query: `mutation { ${field} }` },
    { query: `mutation { ${field} }` },
  ]);
  expect(batch.status).toBe(400);
  const get = await fetch(`${gateway.url}/graphql?query=${encodeURIComponent(`mutation { ${field} }`)}`);
  expect(get.status).toBe(405);
  expect(gateway.casso.requests.filter(({ path }) => path === '/v2/userInfo')).toEqual([]);
  expect((await post(gateway.url, { query: `mutation { ${field} }` })).text).toContain('InvalidGrantError');
});
