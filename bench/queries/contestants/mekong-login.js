import { mutate } from '../../lib/mekong.js';
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
