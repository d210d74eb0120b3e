import { type Audit, serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, startGateway } from '../support/gateway.ts';

/** The audits that come with graphql-http, the reference implementation of the GraphQL over HTTP specification. */
const AUDITS = 61;

/** These ask for `__type`, which is off in production. */
const NEED_INTROSPECTION = [
  'SHOULD allow map {variables} parameter when accepting application/graphql-response+json',
  'MUST allow map {variables} parameter when accepting application/json',
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json',
  'MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json',
];

let development: Gateway;
let production: Gateway;

beforeAll(async () => {
  [development, production] = await Promise.all([
    startGateway(),
    startGateway({ env: { NODE_ENV: 'production' } }),
  ]);
});
afterAll(async () => {
  await Promise.all([development.stop(), production.stop()]);
});

const auditsOf = (gateway: () => Gateway) => serverAudits({ url: () => `${gateway().url}/graphql` });

async function failureOf({ fn }: Audit): Promise<string | null> {
  const result = await fn();
  return result.status === 'ok' ? null : result.reason;
}

describe('GraphQL over HTTP, as the specification has it', () => {
  test('is judged on all points', () => {
    expect(auditsOf(() => development)).toHaveLength(AUDITS);
  });

  test.each(auditsOf(() => development))('$name ($id)', async (audit) => {
    expect(await failureOf(audit)).toBeNull();
  });
});

test('in production only the audits that look into the schema fail', async () => {
  const failed: string[] = [];
  for (const audit of auditsOf(() => production)) {
    if ((await failureOf(audit)) !== null) failed.push(audit.name);
  }
  expect(failed).toEqual(NEED_INTROSPECTION);
});
