import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  ActivityDocument,
  type ActivityQuery,
  BeginLogInDocument,
  FinishLogInDocument,
  NewsDocument,
  type NewsSubscription,
  OverviewDocument,
  type Provider,
  type TypedDocumentString,
} from '../support/gql/graphql.ts';

let gateway: Gateway;
let token = '';
beforeAll(async () => {
  gateway = await startGateway();
  token = await gateway.logIn();
});
afterAll(() => gateway.stop());

/** All that a frontend needs beside the generated documents: variables and result are the operation's own. */
async function ask<Result, Variables extends object>(
  document: TypedDocumentString<Result, Variables>,
  variables: NoInfer<Variables>,
  bearer = token,
): Promise<Result> {
  const { data, errors } = await gateway.ask<Result>(document.toString(), variables, bearer || undefined);
  if (errors || !data) throw new Error(errors?.[0]?.message ?? 'no data');
  return data;
}

type Movement = NonNullable<ActivityQuery['activity']>['edges'][number]['node'];

/** A line for each movement; the compiler knows what each provider's has. */
function line(movement: Movement): string {
  const { direction, amount } = movement;
  if (movement.__typename === 'BankTransaction') {
    // @ts-expect-error a bank transaction has no status
    expect(movement.status).toBeUndefined();
    return `${direction} ${amount.decimal} ${movement.reference}`;
  }
  // @ts-expect-error only a bank transaction has a reference
  expect(movement.reference).toBeUndefined();
  return `${direction} ${amount.decimal} ${movement.status.toLowerCase()}`;
}

describe('typed operations', () => {
  test('give a query’s result its exact type', async () => {
    const { viewer, accounts, bankAccounts } = await ask(OverviewDocument, { accounts: 2 });
    expectTypeOf(viewer.linkedProviders).toEqualTypeOf<Provider[]>();
    const names: Record<Provider, string> = { BONGLOY: 'Bongloy', CASSO: 'Casso' };
    expect(viewer.linkedProviders.map((provider) => names[provider])).toEqual(['Bongloy', 'Casso']);

    // @ts-expect-error what a provider gives may be missing, and must be checked
    expect(accounts.nodes).toHaveLength(2);
    expectTypeOf(accounts).toBeNullable();
    const [account] = accounts?.nodes ?? [];
    expectTypeOf(account?.createdAt).toEqualTypeOf<string | undefined>();
    expectTypeOf(account?.metadata).toEqualTypeOf<Record<string, unknown> | undefined>();
    expect(account?.status satisfies 'ACTIVE' | 'OTHER' | undefined).toBe('ACTIVE');

    const balance = bankAccounts?.nodes[0]?.balance;
    expectTypeOf(balance?.minorUnits).toEqualTypeOf<number | undefined>();
    expect(balance).toEqual({
      minorUnits: expect.any(Number),
      currency: 'VND',
      decimal: String(balance?.minorUnits),
    });
  });

  test('ask for the variables that the operation has', async () => {
    // @ts-expect-error `accounts` is needed
    await expect(ask(OverviewDocument, {})).rejects.toThrow('accounts');
    // @ts-expect-error `accounts` is a number
    await expect(ask(OverviewDocument, { accounts: 'two' })).rejects.toThrow('accounts');
    await expect(ask(ActivityDocument, { first: 1, after: null })).resolves.toBeDefined();
    // @ts-expect-error there is no variable of this name
    await expect(ask(ActivityDocument, { first: 1, page: 2 })).resolves.toBeDefined();
  });

  test('tell the kinds of a union apart', async () => {
    const { activity } = await ask(ActivityDocument, { first: 40 });
    const movements = activity?.edges.map(({ node }) => node) ?? [];
    const lines = movements.map(line);
    expect(lines).toHaveLength(40);
    for (const text of lines) expect(text).toMatch(/^(CREDIT|DEBIT) \d+(\.\d{2})? /);
    expect(new Set(movements.map(({ provider }) => provider))).toEqual(new Set(['BONGLOY', 'CASSO']));
  });

  test('lead through a login, with every way in which it can fail', async () => {
    const { login, control } = gateway.bongloy;
    const phoneNumber = `+${login.phoneNumber}`;
    const begin = async (accountIdentifier: string) => {
      const input = { phoneNumber, accountIdentifier };
      return (await ask(BeginLogInDocument, { input }, '')).createCardholderVerification;
    };

    const refused = await begin('204999999');
    if (refused.__typename !== 'BadUserInputError') throw new Error(refused.__typename);
    expectTypeOf(refused.code).toExtend<string>();
    expect(refused.code).toBe('BAD_USER_INPUT');

    const begun = await begin(login.accountIdentifier);
    if (begun.__typename !== 'CreateCardholderVerificationPayload') throw new Error(begun.message);
    const authToken = await control.firebaseToken({
      phoneNumber: login.phoneNumber,
      code: login.oneTimeCode,
    });
    const input = { authToken, cardholderVerificationId: begun.verification.id };
    const { authenticateCardholder: end } = await ask(FinishLogInDocument, { input }, '');
    if (end.__typename !== 'AuthenticateCardholderPayload') throw new Error(end.message);
    expect(end.session.linkedProviders).toEqual(['BONGLOY']);
    await expect(ask(OverviewDocument, { accounts: 0 }, end.session.token)).rejects.toThrow(
      "This session is not linked to Casso. Log in there with this session's token.",
    );
  });

  test('carry over to subscriptions', async () => {
    const client = createClient({
      url: `${gateway.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
    });
    const { data } = await gateway.ask<{ eventCursor: string }>('{ eventCursor }', {}, token);
    const news = client.iterate<NewsSubscription>({
      query: NewsDocument.toString(),
      variables: { after: data?.eventCursor },
    });
    gateway.bongloy.control.makePurchase({ merchant: 'Angkor Books' });
    const { value } = await news.next();
    const event = (value as { data: NewsSubscription }).data.activityEvents;
    if (event.__typename !== 'TransactionEvent') throw new Error(event.__typename);
    expectTypeOf(event.transaction?.description).toEqualTypeOf<string | null | undefined>();
    expect(event.transaction?.description).toContain('Angkor Books');
    await news.return?.();
    await client.dispose();
  });
});
