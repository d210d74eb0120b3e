import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeEventCursor } from '../../src/events/cursor.ts';
import type { Result } from '../support/feed.ts';
import type { Gateway } from '../support/gateway.ts';
import { BANK_EVENTS, overSse, overWebSocket, startNews, type Transport } from '../support/news.ts';

/** What a person might paste in the wrong place. */
const SECRET = 'SECRETSECRET0123456789';

let gateway: Gateway;
let token: string;
beforeAll(async () => {
  gateway = await startNews();
  token = await gateway.operatorToken(['events:read']);
});
afterAll(() => gateway.stop());

/** The errors that a subscription ended with, wherever the transport puts them. */
async function refusal(
  transport: Transport,
  query: string,
  variables: object,
): Promise<NonNullable<Result['errors']>> {
  const open = await transport(gateway.url, query, variables, token);
  const end = await open.feed.ended;
  await open.close();
  return end.kind === 'error' ? end.errors : (open.feed.results.at(-1)?.errors ?? []);
}

const filtered = `subscription ($f: BankTransactionEventFilter) { bankTransactionEvents(filter: $f) { cursor } }`;
const unconditional = (directive: string) => `@${directive} may not decide what is subscribed to.`;

describe('a subscription that is wrong is refused in the same words over WebSocket and SSE', () => {
  test.each<[string, string, object, object]>([
    [
      'a variable that its type does not allow',
      filtered,
      { f: { minimumAmount: SECRET } },
      { code: 'BAD_USER_INPUT', field: 'f.minimumAmount' },
    ],
    [
      'a variable of another shape',
      filtered,
      { f: { bankAccountId: [SECRET] } },
      { code: 'BAD_USER_INPUT', field: 'f.bankAccountId' },
    ],
    ['what is no cursor', BANK_EVENTS, { after: SECRET }, { code: 'BAD_USER_INPUT', field: 'after' }],
    [
      'a cursor of another log',
      BANK_EVENTS,
      { after: encodeEventCursor({ epochAt: () => '0123456789abcdef' }, 0) },
      { code: 'CURSOR_EXPIRED' },
    ],
    [
      'what an operator cannot hear of',
      'subscription { transactionEvents { cursor } }',
      {},
      { code: 'UNAUTHENTICATED' },
    ],
  ])('%s', async (_what, query, variables, extensions) => {
    const [error, ...others] = await refusal(overWebSocket, query, variables);
    expect(others).toEqual([]);
    expect(error?.extensions).toMatchObject(extensions);
    expect(error?.message).not.toContain(SECRET);
    expect(error).toHaveProperty('locations');
    expect(await refusal(overSse, query, variables)).toEqual([error]);
  });

  test.each([
    ['skip', 'subscription { bankTransactionEvents @skip(if: true) { cursor } }'],
    ['include', 'subscription { ... @include(if: false) { bankTransactionEvents { cursor } } }'],
    [
      'skip',
      'subscription { ...F } fragment F on Subscription { activityEvents @skip(if: true) { __typename } }',
    ],
    [
      'include',
      'subscription { ...F @include(if: false) } fragment F on Subscription { activityEvents { __typename } }',
    ],
  ])('@%s that leaves nothing to subscribe to: %s', async (directive, query) => {
    const errors = await refusal(overWebSocket, query, {});
    expect(errors.map(({ message, extensions }) => [message, extensions?.['code']])).toEqual([
      [unconditional(directive), 'BAD_USER_INPUT'],
    ]);
    expect(await refusal(overSse, query, {})).toEqual(errors);
  });
});
