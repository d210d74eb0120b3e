import { startApp } from './app.ts';
import { readConfig } from './config.ts';
import { createLogger } from './lib/logger.ts';
import { explainStartError } from './lib/start-error.ts';

/** The process: settings from the environment, one gateway, a clear end on SIGTERM and SIGINT. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const logger = createLogger(config.logLevel);
  const app = await startApp(config, { logger });
  logger.info({ url: app.url, production: config.production }, 'listening');

  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    app.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

function fail(error: unknown): void {
  process.stderr.write(`${explainStartError(error)}\n`);
  process.exit(1);
}

main().catch(fail);
