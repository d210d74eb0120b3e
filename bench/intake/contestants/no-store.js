import { createMetrics } from '../../../dist/app/metrics.js';
import { createHttpServer } from '../../../dist/http/server.js';
import { webhookRoute } from '../../../dist/http/webhooks.js';
import { createLogger } from '../../../dist/lib/logger.js';
import { createUnderWay } from '../../../dist/lib/under-way.js';
import { createCassoWebhook } from '../../../dist/providers/casso/index.js';
import { CHECKSUM_KEY } from '../../lib/webhook.js';
import { worker } from '../../lib/worker.js';

/** Mekong's own server, route and verification, before a log that keeps nothing. */
worker({
  async start() {
    const clock = { now: () => Date.now() };
    let position = 0;
    const metrics = createMetrics();
    const route = webhookRoute({
      provider: 'CASSO',
      webhook: createCassoWebhook({ checksumKeys: [CHECKSUM_KEY], secureTokens: [], clock }),
      log: {
        append: async (events) =>
          events.map(() => {
            position += 1;
            return { position, duplicate: false };
          }),
      },
      readWithin: 5000,
      logger: createLogger('error'),
      underWay: createUnderWay(),
      onJudged: (webhook) => metrics.webhook(webhook),
    });
    const server = createHttpServer(
      { '/webhooks/casso': route },
      {
        onError(error) {
          throw error;
        },
      },
      { headersWithin: 10_000, requestWithin: 30_000 },
    );
    const { port } = await server.listen(0, '127.0.0.1');
    return { url: `http://127.0.0.1:${port}/webhooks/casso` };
  },
});
