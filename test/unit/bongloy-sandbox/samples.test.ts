import { describe, expect, test } from 'vitest';
import { SANDBOX_CARDHOLDERS as WHO } from '../../../src/providers/bongloy/sandbox/index.ts';
import { fixture, movableClock, postJson, reader, start } from './support.ts';

const elsewhere = (link: string) => link.replace('cms-sandbox.bongloy.com', 'example.org');

describe('every sample of the reference page is served value by value', () => {
  test.each([
    ['accounts', '/accounts', WHO.sampleAccounts],
    ['account', '/accounts/1ac8d3c9-cb7c-419d-a84d-d006ff618edd', WHO.sampleAccount],
    ['balance', '/accounts/213a65a1-6ec5-4181-817e-0766170b406d/balance', WHO.sampleCards],
    ['card-issuer', '/card_issuer', WHO.metaKanha],
    ['cardholder', '/cardholder', WHO.metaKanha],
    ['cards', '/cards', WHO.sampleCards],
    ['card', '/cards/86dbf71d-8fba-43ba-a1bc-a62385c68e62', WHO.sampleAccount],
    ['transaction', '/transactions/124b35c6-0246-42b3-8b88-fe4485fa3b4e?filter[status]', WHO.metaKanha],
    [
      'transactions-filtered',
      '/transactions?filter[status]=settled&filter[account]=4ec7d89a-57e1-4084-87d5-46835dbcf929&filter[card]=43390a01-2d49-4b1c-9c9c-ab8883f2974a&filter[balance_adjustment_type]=debit&filter[from_date]=2020-01-01T00%3A00%3A00Z&filter[to_date]=2020-01-01T12%3A00%3A00Z',
      WHO.metaKanha,
    ],
  ])('%s', async (name, path, cardholder) => {
    const sandbox = await start();
    const answer = await reader(sandbox, cardholder)(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/vnd.api+json; charset=utf-8');
    expect(answer.body).toEqual(fixture(name));
  });

  test('transactions-page, whose links alone name the host that a client must not follow either', async () => {
    const sandbox = await start();
    const answer = await reader(sandbox, WHO.sampleTransactions)('/transactions?page[size]=2');
    const { data, links } = fixture('transactions-page');
    expect(answer.body).toEqual({
      data,
      links: { prev: elsewhere(links.prev), next: elsewhere(links.next) },
    });
  });

  test('cardholder-verification, at its own time', async () => {
    const sandbox = await start({ clock: movableClock() });
    const answer = await postJson(
      `${sandbox.url}/connect/v1/cardholder_verifications`,
      {
        data: {
          type: 'cardholder_verification',
          attributes: { phone_number: '85512583587', account_identifier: '195000131' },
        },
      },
      { authorization: `Bearer ${sandbox.application.apiToken}` },
    );
    const sample = fixture('cardholder-verification');
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({ data: { ...sample.data, id: expect.stringMatching(/^[0-9a-f-]{36}$/u) } });
  });

  test('the token pairs and the revocation, but for the random texts', async () => {
    const sandbox = await start();
    const client = {
      client_id: sandbox.application.clientId,
      client_secret: sandbox.application.clientSecret,
    };
    const text = expect.stringMatching(/^[\w-]{43}$/u);
    const first = sandbox.control.issueTokens({ cardholder: WHO.main });
    expect(first).toEqual({ ...fixture('token-password'), access_token: text, refresh_token: text });

    const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token, ...client };
    const second = await postJson(`${sandbox.url}/oauth/token`, refresh);
    expect(second.body).toEqual({ ...fixture('token-refresh'), access_token: text, refresh_token: text });

    const revoked = await postJson(`${sandbox.url}/oauth/revoke`, {
      token: second.body.access_token,
      ...client,
    });
    expect([revoked.status, revoked.body]).toEqual([200, fixture('revoke')]);
  });
});
