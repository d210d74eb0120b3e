import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { Service as KubernetesService } from 'kubernetes-models/v1/Service';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config.ts';
import { withNeeds } from '../support/needs.ts';
import { findProgram, program, withProgram } from '../support/program.ts';

const ROOT = new URL('../../', import.meta.url).pathname;
const installed = (name: string, args: readonly string[], env: Service['environment']) =>
  promisify(execFile)(findProgram(name) ?? name, args, { cwd: ROOT, env });

/** What a person puts beside compose.yaml. */
const SECRETS: Readonly<Record<string, string>> = {
  PUBLIC_URL: 'https://api.example.com',
  STORE_KEYS: randomBytes(32).toString('base64'),
  // That looks like a number at first.
  NATS_PASSWORD: `1e4${randomBytes(16).toString('hex')}`,
  NATS_ROUTE_PASSWORD: randomBytes(16).toString('hex'),
};

interface Service {
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly networks: readonly string[];
}

/** compose.yaml with the secrets in their places. */
const { services } = parse(
  readFileSync(`${ROOT}compose.yaml`, 'utf8').replace(/\$\{(\w+):\?[^}]*\}/g, (_, name) => {
    const value = SECRETS[name];
    if (value === undefined) throw new Error(`compose.yaml wants ${name}, which its head does not name`);
    return value;
  }),
  { merge: true },
) as { services: Readonly<Record<string, Service>> };
const service = (name: string): Service => {
  const found = services[name];
  if (!found) throw new Error(`compose.yaml has no ${name}`);
  return found;
};

test.each(['gateway-1', 'gateway-2'])('compose.yaml: %s gets settings that it takes', (name) => {
  const config = readConfig(service(name).environment);
  expect(config).toMatchObject({
    publicUrl: SECRETS['PUBLIC_URL'],
    trustProxy: true,
    store: {
      kind: 'nats',
      url: `nats://mekong:${SECRETS['NATS_PASSWORD']}@nats-1:4222,nats-2:4222,nats-3:4222`,
      replicas: 3,
    },
  });
});

test('compose.yaml: each NATS server has a name and a volume of its own, and is reached from the gateways alone', () => {
  for (const name of ['nats-1', 'nats-2', 'nats-3']) {
    expect(service(name).environment['NATS_NAME']).toBe(name);
    expect(service(name).volumes).toContain(`${name}:/data`);
    expect(service(name).networks).toEqual(['inside']);
  }
  expect(service('load-balancer').networks).toEqual(['outside']);
});

withProgram('nats-server', () => {
  test('deploy/nats.conf is one that nats-server takes', async () => {
    const { environment } = service('nats-1');
    const { stderr } = await installed('nats-server', ['-t', '-c', 'deploy/nats.conf'], environment);
    expect(stderr).toContain('is valid');
  });
});

withProgram('haproxy', () => {
  test('deploy/haproxy.cfg is one that haproxy takes, also before the gateways have a name', async () => {
    const { environment } = service('load-balancer');
    await expect(
      installed('haproxy', ['-c', '-f', 'deploy/haproxy.cfg'], environment),
    ).resolves.toBeDefined();
  });
});

test('deploy/kubernetes.yaml: every object has the form that Kubernetes takes, and they find each other', () => {
  const [deployment, front, budget] = parseAllDocuments(
    readFileSync(`${ROOT}deploy/kubernetes.yaml`, 'utf8'),
  ).map((document) => document.toJS());
  new Deployment(deployment).validate();
  new KubernetesService(front).validate();
  new PodDisruptionBudget(budget).validate();
  const { labels } = deployment.spec.template.metadata;
  expect(deployment.spec.selector.matchLabels).toEqual(labels);
  expect(front.spec.selector).toEqual(labels);
  expect(budget.spec.selector.matchLabels).toEqual(labels);
  expect(budget.spec.minAvailable).toBeLessThan(deployment.spec.replicas);
});

test('deploy/kubernetes.yaml: the gateway gets settings that it takes, and time to end', () => {
  const [{ spec }] = parseAllDocuments(readFileSync(`${ROOT}deploy/kubernetes.yaml`, 'utf8')).map((one) =>
    one.toJS(),
  );
  const [gateway] = spec.template.spec.containers;
  const env = Object.fromEntries(gateway.env.map(({ name, value }: Record<string, string>) => [name, value]));
  const config = readConfig({ ...env, STORE_URL: 'nats://nats:4222', STORE_KEYS: SECRETS['STORE_KEYS'] });
  expect(config).toMatchObject({
    publicUrl: 'https://api.example.com',
    trustProxy: true,
    store: { replicas: 3 },
  });
  // docs/operating.md: the delay, and 20 seconds.
  expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(
    Number(env['SHUTDOWN_DELAY_SECONDS']) + 20,
  );
  const { version } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'));
  expect(gateway.image).toBe(`mekong:${version}`);
  const paths = [gateway.startupProbe, gateway.livenessProbe, gateway.readinessProbe].map(
    ({ httpGet }) => httpGet.path,
  );
  expect(paths).toEqual(['/healthz', '/healthz', '/readyz']);
});

test('deploy/: alerts and dashboard ask for metrics that there are', () => {
  const there = new Set(readFileSync(`${ROOT}docs/operating.md`, 'utf8').match(/mekong_[a-z_]+/g));
  for (const file of ['alerts.yaml', 'grafana.json']) {
    const asked = readFileSync(`${ROOT}deploy/${file}`, 'utf8').match(/mekong_[a-z_]+/g) ?? [];
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !there.has(name.replace(/_bucket$/, '')))).toEqual([]);
  }
});

test('docs/operating.md names every alert of deploy/alerts.yaml, and no other', () => {
  const named = new Set(readFileSync(`${ROOT}docs/operating.md`, 'utf8').match(/`Mekong[A-Za-z]+`/g));
  const { groups } = parse(readFileSync(`${ROOT}deploy/alerts.yaml`, 'utf8'));
  expect([...named].sort()).toEqual(
    groups[0].rules.map(({ alert }: { alert: string }) => `\`${alert}\``).sort(),
  );
});

withNeeds([program('promtool', undefined, 'prometheus')], () => {
  test('deploy/alerts.yaml: each alert fires for its trouble, once is enough, and nothing fires for a gateway that is well', async () => {
    await expect(
      installed('promtool', ['test', 'rules', 'deploy/alerts.test.yaml'], {}),
    ).resolves.toBeDefined();
  });
});
