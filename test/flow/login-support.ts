import type { Clock } from '../../src/lib/clock.ts';
import type { Gateway } from '../support/gateway.ts';

/** A clock that a test moves. */
export interface MovableClock extends Clock {
  advance(ms: number): void;
}

/** Runs as the system's, and ahead of it by what it was advanced. */
export function movableClock(): MovableClock {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    advance(ms) {
      ahead += ms;
    },
  };
}

const INPUT = '... on Error { message code } ... on BadUserInputError { field }';
const GRANT = '... on Error { message code } ... on UpstreamError { provider }';
const LIMIT = '... on RateLimitedError { retryAfterSeconds }';
/** Its `provider` may be null and an UpstreamError's may not, so that one selection needs two names for them. */
const WHO = '... on Error { message code } ... on UnauthenticatedError { linkTo: provider }';
const SCOPE = '... on ForbiddenError { requiredScope }';
const SESSION = 'session { token expiresAt linkedProviders }';

export const VERIFY = `mutation ($input: CreateCardholderVerificationInput!) {
  result: createCardholderVerification(input: $input) {
    __typename
    ... on CreateCardholderVerificationPayload { verification { id phoneNumber status validUntil } }
    ${INPUT} ${GRANT} ${LIMIT}
  }
}`;
export const AUTHENTICATE = `mutation ($input: AuthenticateCardholderInput!) {
  result: authenticateCardholder(input: $input) {
    __typename
    ... on AuthenticateCardholderPayload { ${SESSION} }
    ${INPUT} ${GRANT} ${LIMIT}
  }
}`;
export const START = `mutation ($input: StartCassoAuthorizationInput!) {
  result: startCassoAuthorization(input: $input) {
    __typename
    ... on StartCassoAuthorizationPayload { authorizationUrl state expiresAt }
    ${INPUT}
  }
}`;
export const COMPLETE = `mutation ($input: CompleteCassoAuthorizationInput!) {
  result: completeCassoAuthorization(input: $input) {
    __typename
    ... on CompleteCassoAuthorizationPayload { ${SESSION} }
    ${GRANT}
  }
}`;
export const LINK_KEY = `mutation ($input: LinkCassoApiKeyInput!) {
  result: linkCassoApiKey(input: $input) {
    __typename
    ... on LinkCassoApiKeyPayload { ${SESSION} }
    ${GRANT} ${LIMIT}
  }
}`;
export const REFRESH = `mutation {
  result: refreshSession { __typename ... on RefreshSessionPayload { expiresAt linkedProviders } ${WHO} ${GRANT} }
}`;
export const LOGOUT = `mutation {
  result: logout { __typename ... on LogoutPayload { revoked unconfirmed } ${WHO} }
}`;
export const SYNC = `mutation ($input: SyncBankTransactionsInput!) {
  result: syncBankTransactions(input: $input) {
    __typename
    ... on SyncBankTransactionsPayload { bankAccountNumber eventCursor }
    ${WHO} ${SCOPE} ${INPUT} ${GRANT} ${LIMIT}
  }
}`;
export const REGISTER = `mutation ($input: RegisterCassoWebhookInput!) {
  result: registerCassoWebhook(input: $input) {
    __typename
    ... on RegisterCassoWebhookPayload { url incomeOnly }
    ${WHO} ${SCOPE} ${INPUT} ${GRANT} ${LIMIT}
  }
}`;
export const VIEWER = '{ viewer { kind expiresAt linkedProviders } }';

/** What a mutation came to: of these, the members of the payload or error that `__typename` names. */
export interface Result {
  readonly __typename: string;
  readonly verification: { readonly id: string; readonly validUntil: string };
  readonly session: { readonly token: string; readonly linkedProviders: readonly string[] };
  readonly authorizationUrl: string;
  readonly state: string;
  readonly expiresAt: string;
  readonly eventCursor: string;
  readonly retryAfterSeconds: number;
}

/** The mutation's result. @throws Error when the request failed as a whole. */
export async function result(
  gateway: Pick<Gateway, 'ask'>,
  mutation: string,
  input?: object,
  token?: string,
): Promise<Result> {
  const { data, errors } = await gateway.ask<{ result: Result }>(mutation, input && { input }, token);
  if (!data) throw new Error(`the request failed: ${JSON.stringify(errors)}`);
  return data.result;
}

/** What the demo cardholder types in at the first step. */
export const whoLogsIn = ({ bongloy: { login } }: Gateway) => ({
  phoneNumber: `+${login.phoneNumber}`,
  accountIdentifier: login.accountIdentifier,
});

/** A verification of the demo cardholder, as the API names it. */
export async function verified(gateway: Gateway): Promise<string> {
  return (await result(gateway, VERIFY, whoLogsIn(gateway))).verification.id;
}

/** What the device has after the right code was typed in; for the demo cardholder's phone unless told. */
export const signedIn = (
  gateway: Gateway,
  phoneNumber: string = gateway.bongloy.login.phoneNumber,
): Promise<string> =>
  gateway.bongloy.control.firebaseToken({ phoneNumber, code: gateway.bongloy.login.oneTimeCode });

/** A session of the demo cardholder alone, or the presented one with Bongloy linked. @returns its token. */
export async function bongloySession(gateway: Gateway, token?: string): Promise<string> {
  const input = { authToken: await signedIn(gateway), cardholderVerificationId: await verified(gateway) };
  return (await result(gateway, AUTHENTICATE, input, token)).session.token;
}

/** The part of the demo redirect URI list that browsers would be sent to. */
export const REDIRECT_URI = 'https://app.example.com/casso/callback';

/** Follows Casso's authorization page as a browser would. @returns what it comes back with. */
export async function allowAtCasso(authorizationUrl: string, business = 'second') {
  const response = await fetch(`${authorizationUrl}&auto=1&business=${business}`, { redirect: 'manual' });
  const back = new URL(response.headers.get('location') ?? '');
  return {
    redirectUri: back.origin + back.pathname,
    code: back.searchParams.get('code') ?? '',
    state: back.searchParams.get('state') ?? '',
  };
}

/** A session linked to Casso by OAuth, or the presented one with Casso linked. @returns its token. */
export async function cassoOAuthSession(
  gateway: Gateway,
  token?: string,
  business?: string,
): Promise<string> {
  const { authorizationUrl } = await result(gateway, START, { redirectUri: REDIRECT_URI }, token);
  const { code, state } = await allowAtCasso(authorizationUrl, business);
  return (await result(gateway, COMPLETE, { code, state }, token)).session.token;
}

/** One POST to /graphql, with everything that came back but what names the moment: the date and the request's id. */
export async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  const { date: _date, 'x-request-id': _id, ...rest } = Object.fromEntries(response.headers);
  return { status: response.status, headers: rest, text: await response.text() };
}
