import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startGateway } from '../lib/gateway.js';
import { startNats } from '../lib/nats.js';

/** So many gateways of a build with one store: SQLite for one, NATS for several. */
export async function startGateways(folder, processes, settings) {
  const store = mkdtempSync(join(tmpdir(), 'mekong-bench-'));
  process.on('exit', () => rmSync(store, { recursive: true, force: true }));
  const nats = processes > 1 ? await startNats() : null;
  const env = {
    STORE_URL: nats?.url ?? `sqlite:${join(store, 'mekong.db')}`,
    STORE_KEYS: randomBytes(32).toString('base64'),
    ...settings,
  };
  const gateways = [];
  for (let n = 0; n < processes; n += 1) gateways.push(await startGateway(env, { folder }));
  const urls = gateways.map(({ url }) => url);
  return {
    urls,
    /** Ends all, and starts each again at its address, with what was kept. */
    async restart() {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      for (const [n, url] of urls.entries()) {
        gateways[n] = await startGateway({ ...env, PORT: new URL(url).port }, { folder });
      }
    },
    async stop() {
      await Promise.all(gateways.map((gateway) => gateway.stop()));
      nats?.stop();
    },
  };
}
