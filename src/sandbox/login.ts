import { SANDBOX_BUSINESSES } from '../providers/casso/sandbox/index.ts';
import type { Sandbox } from './start.ts';

/**
 * Logs the demo cardholder in and links the demo business, through the gateway's own mutations over HTTP, as a
 * frontend would.
 * @returns a session's token that opens both providers.
 */
export async function logIn({
  app,
  bongloy,
}: Pick<Sandbox, 'bongloy'> & { readonly app: Pick<Sandbox['app'], 'url'> }): Promise<string> {
  const phoneNumber = `+${bongloy.login.phoneNumber}`;
  const { id } = await payload<{ id: string }>(
    app.url,
    `mutation Begin($input: CreateCardholderVerificationInput!) {
      result: createCardholderVerification(input: $input) {
        ... on CreateCardholderVerificationPayload { value: verification { id } }
        ... on Error { message }
      }
    }`,
    { phoneNumber, accountIdentifier: bongloy.login.accountIdentifier },
  );
  const authToken = await bongloy.control.firebaseToken({
    phoneNumber: bongloy.login.phoneNumber,
    code: bongloy.login.oneTimeCode,
  });
  const { token } = await payload<{ token: string }>(
    app.url,
    `mutation Authenticate($input: AuthenticateCardholderInput!) {
      result: authenticateCardholder(input: $input) {
        ... on AuthenticateCardholderPayload { value: session { token } }
        ... on Error { message }
      }
    }`,
    { authToken, cardholderVerificationId: id },
  );
  await payload(
    app.url,
    `mutation Link($input: LinkCassoApiKeyInput!) {
      result: linkCassoApiKey(input: $input) {
        ... on LinkCassoApiKeyPayload { value: session { linkedProviders } }
        ... on Error { message }
      }
    }`,
    { apiKey: SANDBOX_BUSINESSES.main.apiKey },
    token,
  );
  return token;
}

/** @throws Error with the API's message when the mutation answered an error. */
async function payload<T>(url: string, query: string, input: object, token?: string): Promise<T> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const body = (await response.json()) as {
    data?: { result?: { value?: T; message?: string } };
    errors?: { message: string }[];
  };
  const value = body.data?.result?.value;
  if (value === undefined) {
    throw new Error(`the demo login failed: ${body.data?.result?.message ?? body.errors?.[0]?.message}`);
  }
  return value;
}
