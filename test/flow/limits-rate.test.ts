import { afterEach, describe, expect, test } from 'vitest';
import type { Clock } from '../../src/lib/clock.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { connect } from '../support/ws-client.ts';

const QUERY = '{ viewer { kind } }';
const SMALL = { REQUESTS_PER_MINUTE: '5', ANONYMOUS_REQUESTS_PER_MINUTE: '3' };

let gateway: Gateway;
let ahead = 0;
const clock: Clock = { now: () => Date.now() + ahead };
const start = async (env: NodeJS.ProcessEnv) => {
  ahead = 0;
  gateway = await startGateway({ env: { TRUST_PROXY: 'true', ...env }, clock });
};
afterEach(() => gateway.stop());

async function send(
  { token, address = '198.51.100.1' }: { token?: string; address?: string },
  body: string = JSON.stringify({ query: QUERY }),
) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-forwarded-for': address,
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body,
  });
  const { data, errors } = await response.json();
  return { status: response.status, headers: response.headers, data, error: errors?.[0] };
}

async function expectRefused(by: Parameters<typeof send>[0]) {
  const { status, headers, data, error } = await send(by);
  expect(status).toBe(429);
  expect(data).toBeUndefined();
  const { retryAfterSeconds } = error.extensions;
  expect(error).toEqual({
    message: `Too many requests; try again in ${retryAfterSeconds} s.`,
    extensions: { code: 'RATE_LIMITED', retryAfterSeconds },
  });
  expect(retryAfterSeconds).toBeGreaterThan(0);
  expect(retryAfterSeconds).toBeLessThanOrEqual(60);
  expect(headers.get('retry-after')).toBe(String(retryAfterSeconds));
}

describe('more operations in a minute than are allowed are answered 429, with the seconds to wait', () => {
  test('to an address without a token, until the minute is over; others are not concerned', async () => {
    await start(SMALL);
    for (let n = 0; n < 3; n += 1) expect((await send({})).status).toBe(200);
    await expectRefused({});
    expect((await send({ address: '198.51.100.2' })).status).toBe(200);
    expect((await send({ token: await gateway.logIn() })).status).toBe(200);
    ahead = 61_000;
    expect((await send({})).status).toBe(200);
  });

  test.each([
    ['a port of its own for each connection', (n: number) => `203.0.113.51:${40_100 + n}`],
    ['brackets and a port', (n: number) => `[2001:db8:1:2::${n}]:${51_000 + n}`],
    ['nothing that is an address', (n: number) => `unknown${n}`],
  ])('to an address that the proxy writes with %s', async (_how, addressOf) => {
    await start(SMALL);
    for (let n = 0; n < 3; n += 1) expect((await send({ address: addressOf(n) })).status).toBe(200);
    await expectRefused({ address: addressOf(3) });
  });

  test('to a session, from wherever it asks; another session of the same person has its own', async () => {
    await start({ ...SMALL, ANONYMOUS_REQUESTS_PER_MINUTE: '100' });
    const [token, other] = [await gateway.logIn(), await gateway.logIn()];
    let answered = 0;
    while ((await send({ token, address: `198.51.100.${answered}` })).status === 200) answered += 1;
    // Linking the bank, when it logged in, was one too.
    expect(answered).toBe(4);
    await expectRefused({ token, address: '203.0.113.9' });
    expect((await send({ token: other })).status).toBe(200);
  });

  test('to an operator', async () => {
    await start(SMALL);
    const token = await gateway.operatorToken();
    for (let n = 0; n < 5; n += 1) expect((await send({ token })).status).toBe(200);
    await expectRefused({ token: await gateway.operatorToken() });
  });

  test('to whoever guesses tokens, which counts as asking without one', async () => {
    await start(SMALL);
    for (let n = 0; n < 3; n += 1) {
      expect((await send({ token: `mks_${String(n).repeat(43)}` })).status).toBe(401);
    }
    await expectRefused({ token: `mks_${'x'.repeat(43)}` });
    await expectRefused({});
  });

  test('to a client that sends what is no operation at all', async () => {
    await start(SMALL);
    for (const body of ['{', '{"query":"{"}', '[]']) expect((await send({}, body)).status).not.toBe(429);
    await expectRefused({});
  });

  test('to all addresses of one IPv6 network together, and to an IPv4 one however it is written', async () => {
    await start(SMALL);
    for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', '2001:0db8:0001:0002::ffff']) {
      expect((await send({ address })).status).toBe(200);
    }
    await expectRefused({ address: '2001:db8:1:2:ffff::' });
    expect((await send({ address: '2001:db8:1:3::1' })).status).toBe(200);
    for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '192.0.2.7']) {
      expect((await send({ address })).status).toBe(200);
    }
    await expectRefused({ address: '::ffff:192.0.2.7' });
  });
});

test('Operations over a socket count like those over HTTP, and opening one counts too; the socket lives on', async () => {
  await start(SMALL);
  const token = await gateway.operatorToken();
  const client = await connect(gateway.url, token);
  for (let n = 0; n < 4; n += 1) expect((await client.subscribe(QUERY).next()).data).toBeDefined();
  const end = await client.subscribe(QUERY).ended;
  expect(end).toMatchObject({
    kind: 'error',
    errors: [{ extensions: { code: 'RATE_LIMITED', retryAfterSeconds: expect.any(Number) } }],
  });
  await expectRefused({ token });
  ahead = 61_000;
  expect((await client.subscribe(QUERY).next()).data).toBeDefined();
  await client.close();
});

test('Sockets that are opened faster than is allowed are closed with 1013, also those with a wrong token', async () => {
  await start({ ...SMALL, TRUST_PROXY: 'false' });
  for (let n = 0; n < 2; n += 1) await (await connect(gateway.url)).close();
  await expect(connect(gateway.url, 'wrong')).rejects.toThrow('4401');
  await expect(connect(gateway.url, 'wrong')).rejects.toThrow('1013');
  await expect(connect(gateway.url)).rejects.toThrow('1013');
});

test('600 operations a minute of a session and 60 of an address are answered unless set otherwise; 0 is no limit', async () => {
  await start({ REQUESTS_PER_MINUTE: '', ANONYMOUS_REQUESTS_PER_MINUTE: '' });
  const token = await gateway.operatorToken();
  const answered = async (by: Parameters<typeof send>[0]) => {
    let count = 0;
    while ((await send(by)).status === 200) count += 1;
    return count;
  };
  expect(await answered({})).toBe(60);
  expect(await answered({ token })).toBe(600);
  await gateway.stop();
  await start({ REQUESTS_PER_MINUTE: '0', ANONYMOUS_REQUESTS_PER_MINUTE: '0' });
  for (let n = 0; n < 100; n += 1) expect((await send({})).status).toBe(200);
});
