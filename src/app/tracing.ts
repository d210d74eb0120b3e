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
 * @param env may hold settings of `--env-file`, which the SDK would not find in the process's own environment.
 * @returns sends what is left, within two seconds; never rejects.
 */
export async function startTracing(logger: Logger, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const [{ BatchSpanProcessor, NodeTracerProvider }, { OTLPTraceExporter }, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const settings = Object.entries(env).filter(([name]) => name.startsWith('OTEL_'));
  for (const [name, value] of settings) process.env[name] = (value ?? '').trim();
  tellInOurWords((words) => {
    const names = settings.map(([name]) => name).filter((name) => words.includes(name));
    const which = names.join(', ') || 'one of the OTEL_ settings';
    logger.warn(`OpenTelemetry does not know the value of ${which}, and uses its default`);
  }, DiagLogLevel.WARN);

  const service = resources.resourceFromAttributes({ 'service.name': 'mekong' });
  const told = resources.detectResources({ detectors: [resources.envDetector] });
  const provider = new NodeTracerProvider({
    resource: service.merge(told),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  provider.register();
  const dropped = () => logger.warn('spans could not be sent; they are dropped');
  tellInOurWords(dropped, DiagLogLevel.ERROR);
  traceWith(trace.getTracer('mekong'));

  return async () => {
    traceWith(null);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, FLUSH_WITHIN);
    });
    await Promise.race([provider.shutdown().catch(dropped), late]);
    clearTimeout(timer);
  };
}

/** The SDK's own words may hold the value of a setting, or what a collector answered. */
function tellInOurWords(tell: (words: string) => void, logLevel: DiagLogLevel): void {
  const quiet = () => {};
  diag.setLogger(
    { error: tell, warn: tell, info: quiet, debug: quiet, verbose: quiet },
    { logLevel, suppressOverrideMessage: true },
  );
}
