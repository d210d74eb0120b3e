import { describe, expect, test } from 'vitest';
import { read } from './config-support.ts';

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/ */
const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };

test.each<readonly [what: string, env: NodeJS.ProcessEnv, on: boolean]>([
  ['nothing', {}, false],
  ['an endpoint', ENDPOINT, true],
  ['an endpoint for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://c:4318/v1/traces' }, true],
  ['an exporter without an endpoint', { OTEL_TRACES_EXPORTER: 'otlp' }, false],
  ['an exporter in capital letters', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'OTLP' }, true],
  ['an endpoint and no exporter', { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, false],
  ...['true', 'TRUE', 'True', ' true\n'].map(
    (value) => [`a disabled SDK: ${value}`, { ...ENDPOINT, OTEL_SDK_DISABLED: value }, false] as const,
  ),
  ['an SDK that is not disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'FALSE' }, true],
  ['the protocol that is spoken', { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON' }, true],
  [
    'a protocol of all signals that the one of traces overrides',
    {
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    },
    true,
  ],
])('with %s, without a word', (_what, env, tracing) => {
  expect(read(env)).toMatchObject({ tracing, warnings: [] });
});

test.each([
  ['OTEL_SDK_DISABLED', 'yes', true],
  ['OTEL_SDK_DISABLED', '1', true],
  ['OTEL_TRACES_EXPORTER', 'zipkin', true],
  ['OTEL_TRACES_EXPORTER', 'otlp,console', true],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'grpc', true],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http/protobuf', true],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'carrier pigeon', true],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', false],
  ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'secret-without-scheme', false],
])('%s=%s is a warning, and the start goes on', (name, value, tracing) => {
  const { warnings, ...config } = read({ ...ENDPOINT, [name]: value });
  expect(config.tracing).toBe(tracing);
  expect(warnings).toEqual([expect.stringContaining(name)]);
  expect(warnings.join()).not.toContain(value === '1' ? '=1' : value);
});

describe('while traces are off', () => {
  const STRANGE = {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
    OTEL_TRACES_EXPORTER: 'jaeger',
  };

  test.each<[string, NodeJS.ProcessEnv]>([
    ['no endpoint', {}],
    ['no endpoint, and an odd switch', { OTEL_SDK_DISABLED: 'perhaps' }],
    ['the SDK is disabled', { ...ENDPOINT, OTEL_SDK_DISABLED: 'TRUE' }],
    [
      'an endpoint that is none, and a disabled SDK',
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'x', OTEL_SDK_DISABLED: 'true' },
    ],
  ])('what is meant for other programs is no warning: %s', (_what, env) => {
    expect(read({ ...STRANGE, ...env })).toMatchObject({ tracing: false, warnings: [] });
  });
});
