import type { Command } from 'commander';
import type { Config } from '../config.ts';
import { systemClock } from '../lib/clock.ts';
import { SECOND } from '../lib/duration.ts';
import { createUpstream } from '../upstream/create-upstream.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { checkBongloy } from './doctor/bongloy.ts';
import { checkCasso } from './doctor/casso.ts';
import { createClockWatch } from './doctor/clock.ts';
import { type Finding, fail, reasonOf, skip } from './doctor/finding.ts';
import { checkOperators } from './doctor/operators.ts';
import { checkSettings } from './doctor/settings.ts';
import { checkStore } from './doctor/store.ts';
import { checkWebhooks } from './doctor/webhooks.ts';
import { Failed } from './run.ts';
import { configOf, environmentOf } from './settings.ts';
import type { Colour, Terminal } from './terminal.ts';

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .description('check settings, keys, store, providers, clock and webhooks, and say what to do')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nChanges nothing, but that on a NATS cluster the missing streams are made, as the gateway makes them. At the\n' +
        'providers it makes at most two calls each, which cannot succeed in changing anything. To check the webhooks the\n' +
        'gateway must run. Fails when something must be mended, not for a warning.',
    )
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const findings = await examine(configOf(command), environmentOf(command));
      const healthy = findings.every(({ status }) => status !== 'fail');
      await terminal.out(
        json
          ? `${JSON.stringify({ healthy, findings }, null, 2)}\n`
          : findings.map((finding) => text(finding, terminal)).join(''),
      );
      if (!healthy) throw new Failed();
    });
}

/** Each look by itself: what one finds changes nothing about the others. */
async function examine(config: Config, env: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const clock = systemClock;
  const clocks = createClockWatch(clock);
  const { bongloy, casso, operators, publicUrl } = config;
  const looks = [checkStore(config)];
  if (bongloy) {
    const look = (upstream: Upstream) => checkBongloy(bongloy, clocks.watch(upstream), clock);
    looks.push(at('bongloy', bongloy.apiUrl, look));
  }
  if (casso) {
    const look = (upstream: Upstream) => checkCasso(casso, clocks.watch(upstream), clock);
    looks.push(at('casso', casso.apiUrl, look));
  }
  if (operators) looks.push(checkOperators(operators));
  if (publicUrl !== null) {
    looks.push(at('gateway', publicUrl, (upstream) => checkWebhooks(config, publicUrl, upstream)));
  }
  const found = (await Promise.all(looks.map(finished))).flat();
  return [...checkSettings(config, env), ...found, ...unseen(config), clocks.finding()];
}

/** A look that broke off is a finding too, and keeps the others. */
const finished = (look: Promise<Finding[]>): Promise<Finding[]> =>
  look.catch((error: unknown) => [fail('doctor', `a look broke off (${reasonOf(error)})`, 'Run it again.')]);

async function at<T>(name: string, baseUrl: string, look: (upstream: Upstream) => Promise<T>): Promise<T> {
  const upstream = createUpstream({ name, baseUrl, retries: 0, totalTimeoutMs: 10 * SECOND });
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

const COLOURS: Readonly<Record<Finding['status'], Colour>> = {
  ok: 'green',
  warn: 'yellow',
  fail: 'red',
  skip: 'dim',
};

function text({ about, status, says, cure }: Finding, terminal: Terminal): string {
  const line = `${terminal.style(COLOURS[status], status.padEnd(5))} ${about.padEnd(10)} ${says}\n`;
  return cure === undefined ? line : `${line}                 → ${cure}\n`;
}
