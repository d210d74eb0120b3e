import { startMekong } from '../../lib/mekong.js';
import { CHECKSUM_KEY } from '../../lib/webhook.js';
import { worker } from '../../lib/worker.js';

/** The whole gateway: a delivery is answered when its event is on disk. */
worker({
  async start({ upstream }) {
    const { url } = await startMekong({ CASSO_API_URL: upstream, CASSO_WEBHOOK_CHECKSUM_KEYS: CHECKSUM_KEY });
    return { url: `${url}/webhooks/casso` };
  },
});
