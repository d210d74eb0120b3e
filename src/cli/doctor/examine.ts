import type { Config } from '../../config.ts';
import { systemClock } from '../../lib/clock.ts';
import { SECOND } from '../../lib/duration.ts';
import { createUpstream } from '../../upstream/create-upstream.ts';
import type { ProxySettings } from '../../upstream/proxy.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import { checkBongloy } from './bongloy.ts';
import { checkCasso } from './casso.ts';
import { createClockWatch } from './clock.ts';
import { type Finding, fail, reasonOf, skip } from './finding.ts';
import { checkOperators } from './operators.ts';
import { checkSettings } from './settings.ts';
import { checkStore } from './store.ts';
import { checkWebhooks } from './webhooks.ts';

/** Each look by itself: what one finds changes nothing about the others. */
export async function examine(config: Config, env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const clock = systemClock;
  const clocks = createClockWatch(clock);
  const { bongloy, casso, operators, publicUrl, proxy } = config;
  const looks = [checkStore(config)];
  if (bongloy) {
    const look = (upstream: Upstream) => checkBongloy(bongloy, clocks.watch(upstream), clock);
    looks.push(at('bongloy', bongloy.apiUrl, proxy, look));
  }
  if (casso) {
    const look = (upstream: Upstream) => checkCasso(casso, clocks.watch(upstream), clock);
    looks.push(at('casso', casso.apiUrl, proxy, look));
  }
  if (operators) looks.push(checkOperators(operators, proxy));
  if (publicUrl !== null) {
    looks.push(at('gateway', publicUrl, proxy, (upstream) => checkWebhooks(config, publicUrl, upstream)));
  }
  const found = (await Promise.all(looks.map(finished))).flat();
  return [...checkSettings(config, env), ...found, ...unseen(config), clocks.finding()];
}

/** A look that broke off is a finding too, and keeps the others. */
const finished = (look: Promise<Finding[]>): Promise<Finding[]> =>
  look.catch((error: unknown) => [
    fail(
      'doctor',
      `a look broke off (${reasonOf(error)})`,
      'Run it again; if it says so again, report it with this line and `mekong --version`.',
    ),
  ]);

async function at<T>(
  name: string,
  baseUrl: string,
  proxy: ProxySettings | null,
  look: (upstream: Upstream) => Promise<T>,
): Promise<T> {
  const upstream = createUpstream({ name, baseUrl, proxy, retries: 0, totalTimeoutMs: 10 * SECOND });
  try {
    return await look(upstream);
  } finally {
    await upstream.close();
  }
}

const unseen = ({ publicUrl }: Config): Finding[] =>
  publicUrl === null
    ? [skip('webhooks', 'PUBLIC_URL is not set, so whether they get through cannot be seen')]
    : [];
