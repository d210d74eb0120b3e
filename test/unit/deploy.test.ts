import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/config.ts';
import { findProgram, withProgram } from '../support/program.ts';

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
