import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { logIn } from '../../src/sandbox/login.ts';
import { killChildren } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';

let gateway: ProcessGateway;
beforeAll(async () => {
  gateway = await prepareGatewayProcess('once');
}, 60_000);
afterEach(killChildren);
afterAll(() => gateway.remove());

/** A row of one kind fails when what it asks for has come, that of the other at once, and neither may be null. */
const QUERIES = [
  'Transaction { account { status } }',
  'BankTransaction { bankAccount { bank { name } } }',
].map(
  (late) => `{ activity(first: 50) { nodes { ... on ${late} amount { formatted(locale: "no locale") } } } }`,
);

test('a list of which some rows fail later than others is answered with an error, and ends no process', async () => {
  const child = await gateway.start();
  const { url } = gateway;
  const token = await logIn({ ...gateway, app: { url } });
  const ask = async (query: string) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query }),
    });
    return response.json();
  };
  // Often enough to be compiled, too.
  for (const query of Array.from({ length: 5 }, () => QUERIES).flat()) {
    const { errors } = await ask(query);
    expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'locale' } });
  }
  expect(await ask('{ viewer { kind } }')).toMatchObject({ data: { viewer: { kind: 'SESSION' } } });
  expect(child.log.filter(({ level }) => level === 'error' || level === 50)).toEqual([]);
  child.signal('SIGTERM');
  expect(await child.exit).toBe(0);
}, 60_000);
