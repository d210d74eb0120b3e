import type { ApolloClient } from '@apollo/client';
import { BeginBankLinkDocument, FinishBankLinkDocument } from '../gql/graphql.ts';
import { type Problem, problemOf } from './problem.ts';

/** Proof, when the browser comes back from Casso, that it was this tab that went. */
const KEY = 'mekong.bank-link';
const redirectUri = () => `${location.origin}/`;

/** Leaves for Casso's page, where the person allows the access. @returns why it could not. */
export async function beginBankLink(client: ApolloClient): Promise<Problem | null> {
  try {
    const { data } = await client.mutate({
      mutation: BeginBankLinkDocument,
      variables: { input: { redirectUri: redirectUri() } },
    });
    const result = data?.result;
    if (result?.__typename !== 'StartCassoAuthorizationPayload')
      return result ?? { code: 'INTERNAL_SERVER_ERROR' };
    sessionStorage.setItem(KEY, result.state);
    location.assign(result.authorizationUrl);
    return null;
  } catch (error) {
    return problemOf(error);
  }
}

/** When the browser has just come back from Casso's page: takes the code out of the address and links the business. */
export async function finishBankLink(client: ApolloClient): Promise<Problem | null> {
  const returned = new URL(location.href).searchParams;
  const state = returned.get('state');
  if (state === null) return null;
  history.replaceState(null, '', redirectUri());
  const expected = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const code = returned.get('code');
  if (state !== expected || code === null) return { code: 'INVALID_STATE' };
  try {
    const { data } = await client.mutate({
      mutation: FinishBankLinkDocument,
      variables: { input: { code, state } },
    });
    const result = data?.result;
    return result?.__typename === 'CompleteCassoAuthorizationPayload'
      ? null
      : (result ?? { code: 'INVALID_STATE' });
  } catch (error) {
    return problemOf(error);
  }
}
