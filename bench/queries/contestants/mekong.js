import { startMekong } from '../../lib/mekong.js';
import { worker } from '../../lib/worker.js';
import { logIn } from './mekong-login.js';

/**
 * Without `keepAnswers`, answers are not kept for two seconds, so that the load reaches the upstream.
 * `build`: the URL of the `dist/` of another commit.
 */
worker({
  async start({ upstream, users, keepAnswers, build }) {
    const { url } = await startMekong(
      {
        BONGLOY_API_URL: upstream,
        BONGLOY_CLIENT_ID: 'bench',
        BONGLOY_CLIENT_SECRET: 'bench',
        BONGLOY_API_TOKEN: 'bench',
      },
      { keepAnswers },
      build,
    );
    const tokens = await Promise.all(users.map((user) => logIn(url, user)));
    return { url: `${url}/graphql`, tokens };
  },
});
