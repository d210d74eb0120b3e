import { phoneOf } from '../../upstream/rows.js';

/** A real login, through the gateway's mutations, as the user. @returns the session's token. */
export async function logIn(url, user) {
  const { verification } = await mutate(
    url,
    `mutation ($input: CreateCardholderVerificationInput!) {
      result: createCardholderVerification(input: $input) {
        ... on CreateCardholderVerificationPayload { verification { id } }
        ... on Error { message }
      }
    }`,
    { phoneNumber: `+${phoneOf(user)}`, accountIdentifier: '201000001' },
  );
  const { session } = await mutate(
    url,
    `mutation ($input: AuthenticateCardholderInput!) {
      result: authenticateCardholder(input: $input) {
        ... on AuthenticateCardholderPayload { session { token } }
        ... on Error { message }
      }
    }`,
    { authToken: 'device', cardholderVerificationId: verification.id },
  );
  return session.token;
}

async function mutate(url, query, input) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const { data, errors } = await response.json();
  if (errors || data.result.message) throw new Error(errors?.[0].message ?? data.result.message);
  return data.result;
}
