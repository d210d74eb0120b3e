import { DiagLogLevel, diag, trace } from '@opentelemetry/api';
import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import { traceWith } from '../lib/span.ts';

/** How long the last spans may take to be sent. */
const FLUSH_WITHIN = 2 * SECOND;

/**
 * Begins to trace, for the whole process: to be called once, before anything is traced. Where spans go, how many are
 * kept and what the service is called is said by the standard variables, which the SDK reads
 * (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). The SDK is loaded only here, so
 * that a process that does not trace does not pay for it.
 * @returns sends what is left, within two seconds; never rejects.
 */
export async function startTracing(logger: Logger): Promise<() => Promise<void>> {
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  // The SDK's own words may hold what a collector answered.
  const warn = () => logger.warn('spans could not be sent; they are dropped');
  const quiet = () => {};
  diag.setLogger({ error: warn, warn: quiet, info: quiet, debug: quiet, verbose: quiet }, DiagLogLevel.ERROR);

  const service = resources.resourceFromAttributes({ 'service.name': 'mekong' });
  const told = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new NodeTracerProvider({
    resource: service.merge(told),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  traceWith(trace.getTracer('mekong'));

  return async () => {
    traceWith(null);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_WITHIN);
    });
    await Promise.race([provider.shutdown().catch(warn), late]);
    clearTimeout(timer);
  };
}
