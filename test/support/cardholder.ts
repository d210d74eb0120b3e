import { SANDBOX_CARDHOLDERS } from '../../src/providers/bongloy/sandbox/index.ts';
import type { Gateway } from './gateway.ts';

export type CardholderName = keyof typeof SANDBOX_CARDHOLDERS;

const BEGIN = `mutation ($input: CreateCardholderVerificationInput!) {
  createCardholderVerification(input: $input) {
    ... on CreateCardholderVerificationPayload { verification { id } }
  }
}`;
const FINISH = `mutation ($input: AuthenticateCardholderInput!) {
  authenticateCardholder(input: $input) { ... on AuthenticateCardholderPayload { session { token } } }
}`;
const LINK = `mutation ($input: LinkCassoApiKeyInput!) {
  linkCassoApiKey(input: $input) { ... on LinkCassoApiKeyPayload { session { token } } }
}`;

/** What the logins below send: for a manifest of trusted documents. */
export const LOGIN_DOCUMENTS: readonly string[] = [BEGIN, FINISH, LINK];

/**
 * A session of one of the sandbox's cardholders: the whole login, through the mutations. A new one that is linked to
 * Bongloy alone, or the one whose token is given. `empty` has no account to verify with, and so cannot log in.
 */
export async function logInAs(gateway: Gateway, name: CardholderName, token?: string): Promise<string> {
  const { phone, accountIdentifier } = await identity(gateway, name);
  const begun = await gateway.ask(BEGIN, { input: { phoneNumber: `+${phone}`, accountIdentifier } }, token);
  const authToken = await gateway.bongloy.control.firebaseToken({ phoneNumber: phone, code: '123456' });
  const cardholderVerificationId = begun.data?.createCardholderVerification.verification.id;
  const finished = await gateway.ask(FINISH, { input: { authToken, cardholderVerificationId } }, token);
  return finished.data?.authenticateCardholder.session.token;
}

/** A session that has linked Casso with this API key: a new one, or the one whose token is given. */
export async function linkCasso(
  gateway: Pick<Gateway, 'ask'>,
  apiKey: string,
  token?: string,
): Promise<string> {
  const { data } = await gateway.ask(LINK, { input: { apiKey } }, token);
  return data?.linkCassoApiKey.session.token;
}

/** A resource as Bongloy writes it. */
interface Resource {
  readonly id: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships: Readonly<Record<string, { readonly data: { readonly id: string } }>>;
}

/** A list as the provider itself serves it to the cardholder: what the gateway's answers must agree with. */
export async function listBongloy(
  gateway: Gateway,
  name: CardholderName,
  path: string,
): Promise<{ readonly data: readonly Resource[]; readonly links: { readonly next: string | null } }> {
  return askBongloy(gateway, name, path);
}

async function askBongloy<Body>(gateway: Gateway, name: CardholderName, path: string): Promise<Body> {
  const { access_token } = gateway.bongloy.control.issueTokens({ cardholder: SANDBOX_CARDHOLDERS[name] });
  const response = await fetch(`${gateway.bongloy.url}/connect/v1${path}`, {
    headers: { authorization: `Bearer ${access_token}`, accept: 'application/vnd.api+json' },
  });
  return (await response.json()) as Body;
}

/** What a cardholder types in to log in. Phone without `+`. */
async function identity(gateway: Gateway, name: CardholderName) {
  const [cardholder, accounts] = await Promise.all([
    askBongloy<{ data: Resource }>(gateway, name, '/cardholder'),
    listBongloy(gateway, name, '/accounts'),
  ]);
  return {
    phone: String(cardholder.data.attributes['phone_number']),
    accountIdentifier: String(accounts.data[0]?.attributes['account_identifier']),
  };
}
