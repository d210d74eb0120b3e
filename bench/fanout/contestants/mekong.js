import { mutate, startMekong } from '../../lib/mekong.js';
import { CHECKSUM_KEY, SECURE_TOKEN } from '../../lib/webhook.js';
import { worker } from '../../lib/worker.js';
import { apiKeyOf } from '../../upstream/casso.js';

/** Sessions of 100 different businesses, each with its own API key, linked as a frontend links them. */
const SESSIONS = 100;

const linkKey = (url, n) =>
  mutate(
    url,
    `mutation ($input: LinkCassoApiKeyInput!) {
      result: linkCassoApiKey(input: $input) {
        ... on LinkCassoApiKeyPayload { session { token } }
        ... on Error { message }
      }
    }`,
    { apiKey: apiKeyOf(n) },
  ).then(({ session }) => session.token);

async function accountIds(url, token) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: '{ bankAccounts(first: 100) { nodes { id accountNumber } } }' }),
  });
  const { data } = await response.json();
  return data.bankAccounts.nodes
    .sort((a, b) => (a.accountNumber < b.accountNumber ? -1 : 1))
    .map(({ id }) => id);
}

worker({
  /** @param env beside what is set here, such as another store. */
  async start({ upstream, env }) {
    const { url } = await startMekong({
      CASSO_API_URL: upstream,
      CASSO_WEBHOOK_SECURE_TOKENS: SECURE_TOKEN,
      CASSO_WEBHOOK_CHECKSUM_KEYS: CHECKSUM_KEY,
      ...env,
    });
    const tokens = await Promise.all(Array.from({ length: SESSIONS }, (_, n) => linkKey(url, n)));
    const accounts = await accountIds(url, tokens[0]);
    return { url: `${url}/webhooks/casso`, port: Number(new URL(url).port), tokens, accounts };
  },
});
