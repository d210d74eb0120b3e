import { startApp } from './app.ts';
import { unknownSettings } from './config/unknown.ts';
import { readConfig } from './config.ts';
import { SECOND } from './lib/duration.ts';
import { standardErrorLines } from './lib/log-lines.ts';
import { createLogger, type Logger } from './lib/logger.ts';
import { stopSignal } from './lib/stop-signal.ts';

/** The reader of the log may have stopped reading. */
const LAST_LINES_WITHIN = SECOND;

/**
 * The process: settings from the environment, one gateway, a clear end on every signal of `stopSignal`. Ends the process when the
 * gateway has stopped.
 * @throws Error when it cannot start; ConfigError for its settings.
 */
export async function runGateway(env: NodeJS.ProcessEnv): Promise<never> {
  const config = readConfig(env);
  const lines = standardErrorLines();
  const logger = createLogger(config.logLevel, lines);
  for (const name of unknownSettings(env)) {
    logger.warn(`${name} is no setting, and has no effect: compare its name with .env.example`);
  }
  for (const warning of config.warnings) logger.warn(warning);
  const stopped = stopSignal();
  const stopTracing = config.tracing ? await traced(logger, env) : async () => {};
  const app = await startApp(config, { logger });
  process.on('unhandledRejection', app.onUnhandledRejection);
  const providers = [...(config.bongloy ? ['BONGLOY'] : []), ...(config.casso ? ['CASSO'] : [])];
  logger.info(
    { url: app.url, production: config.production, providers, store: config.store.kind },
    'listening',
  );
  if (providers.length === 0) {
    logger.warn('neither provider is on: set the BONGLOY_ or the CASSO_ settings of .env.example');
  }

  logger.info({ signal: await stopped }, 'stopping');
  await app.stop().catch((error: unknown) => {
    logger.error({ err: error }, 'could not stop cleanly');
    process.exitCode = 1;
  });
  await stopTracing();
  await lines.written(LAST_LINES_WITHIN);
  process.exit();
}

/** Loaded only where it is wanted. */
async function traced(logger: Logger, env: NodeJS.ProcessEnv): Promise<() => Promise<void>> {
  const { startTracing } = await import('./app/tracing.ts');
  return startTracing(logger, env);
}
