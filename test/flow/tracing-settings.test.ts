import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { built } from '../support/built.ts';
import { type Child, killChildren, startChild } from '../support/child.ts';
import { type ProcessGateway, prepareGatewayProcess } from '../support/gateway-process.ts';
import { type Collector, startCollector } from '../support/otlp-collector.ts';

// Each start is a process of its own.
vi.setConfig({ testTimeout: 90_000, hookTimeout: 120_000 });

let gateway: ProcessGateway;
let collector: Collector;
const folder = mkdtempSync(join(tmpdir(), 'mekong-otel-'));
beforeAll(async () => {
  [gateway, collector] = await Promise.all([prepareGatewayProcess(), startCollector()]);
});
afterEach(killChildren);
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await Promise.all([gateway.remove(), collector.close()]);
});

const warnings = ({ log }: Child) => log.filter(({ level }) => level === 'warn').map(({ msg }) => msg);
async function isTraced(): Promise<void> {
  const before = collector.spans.length;
  expect((await fetch(`${gateway.url}/graphql?query=%7Bviewer%7Bkind%7D%7D`)).status).toBe(200);
  await expect.poll(() => collector.spans.length, { timeout: 10_000 }).toBeGreaterThan(before);
}

test('what OpenTelemetry’s specification calls unknown is a warning, and spans are sent', async () => {
  const child = await gateway.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/\n`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_TRACES_EXPORTER: 'otlp,console',
    OTEL_SDK_DISABLED: 'off',
    OTEL_TRACES_SAMPLER: 'sometimes',
    OTEL_BSP_SCHEDULE_DELAY: 'soon',
    OTEL_EXPORTER_OTLP_TIMEOUT: 'later',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'zip',
  });
  const named = warnings(child).map((text) => /OTEL_[A-Z_]+/.exec(String(text))?.[0]);
  expect(new Set(named)).toEqual(
    new Set([
      'OTEL_SDK_DISABLED',
      'OTEL_TRACES_EXPORTER',
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'OTEL_TRACES_SAMPLER',
      'OTEL_BSP_SCHEDULE_DELAY',
      'OTEL_EXPORTER_OTLP_TIMEOUT',
      'OTEL_EXPORTER_OTLP_COMPRESSION',
    ]),
  );
  await isTraced();
});

test('OTEL_SDK_DISABLED=TRUE sends nothing, and says nothing of the others', async () => {
  const before = collector.sent;
  const child = await gateway.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_SDK_DISABLED: 'TRUE',
  });
  await fetch(`${gateway.url}/graphql?query=%7Bviewer%7Bkind%7D%7D`);
  child.signal('SIGTERM');
  expect(await child.exit).toBe(0);
  expect(warnings(child)).toEqual([]);
  expect(collector.sent).toBe(before);
});

test('an endpoint of traces wins, headers are sent, and all of it may stand in --env-file', async () => {
  const file = join(folder, 'settings.env');
  const settings = {
    ...gateway.env,
    PORT: new URL(gateway.url).port,
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${collector.url}/v1/traces`,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-team=payments,authorization=Basic%20dGVzdA==',
    OTEL_BSP_SCHEDULE_DELAY: '50',
  };
  writeFileSync(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join(''),
  );
  const args = [built('cli.js'), '--env-file', file, 'start'];
  const child = startChild(process.execPath, args, {});
  await child.says('"listening"');
  await isTraced();
  expect(collector.headers).toMatchObject({ 'x-team': 'payments', authorization: 'Basic dGVzdA==' });
  expect(warnings(child)).toEqual([]);
});
