import type { Given } from './environment.ts';

/** What the settings of OpenTelemetry come to. */
export interface Telemetry {
  /** Send spans; where to and how many is read by the OpenTelemetry SDK. */
  readonly tracing: boolean;
  /** What is not obeyed, a sentence each. */
  readonly warnings: readonly string[];
}

const OFF: Telemetry = { tracing: false, warnings: [] };

/**
 * As its specification has it (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/): an endpoint
 * switches traces on, two settings switch them off, letters may be capital, and a value that is not known is a warning and
 * is ignored, as these variables are often set for other programs too. So none of them stops the start, and while traces are off
 * none is checked. Values are not repeated: an endpoint may hold a key.
 */
export function readTelemetry(given: Given): Telemetry {
  const endpoint = firstOf(given, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (!endpoint) return OFF;
  const disabled = given.OTEL_SDK_DISABLED?.toLowerCase() ?? 'false';
  const exporters = (given.OTEL_TRACES_EXPORTER ?? 'otlp').toLowerCase().split(/[\s,]+/);
  if (disabled === 'true' || (exporters.includes('none') && !exporters.includes('otlp'))) return OFF;

  const warnings: string[] = [];
  if (disabled !== 'false')
    warnings.push('OTEL_SDK_DISABLED is neither true nor false, and counts as false.');
  if (exporters.some((exporter) => exporter !== 'otlp')) {
    warnings.push('OTEL_TRACES_EXPORTER may be otlp or none: what else it holds has no effect.');
  }
  const protocol = firstOf(given, 'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL');
  if (protocol && protocol.value.toLowerCase() !== 'http/json') {
    warnings.push(
      `${protocol.name} is not http/json, and no other protocol is spoken here: traces are sent as http/json, which collectors take at port 4318.`,
    );
  }
  const tracing = isHttpUrl(endpoint.value);
  if (!tracing) {
    warnings.push(`${endpoint.name} is no http(s) URL such as http://localhost:4318: traces are off.`);
  }
  return { tracing, warnings };
}

/** The setting of the signal wins over the one of all signals. */
function firstOf<N extends keyof Given>(given: Given, ...names: readonly N[]) {
  for (const name of names) {
    const value = given[name];
    if (value !== undefined) return { name, value };
  }
  return undefined;
}

const isHttpUrl = (value: string): boolean =>
  URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
