import { runGateway } from './gateway.ts';
import { explainStartError } from './lib/start-error.ts';

/** What a container or a service manager starts; `mekong start` is the same for people. */
runGateway(process.env).catch((error: unknown) => {
  process.stderr.write(`${explainStartError(error)}\n`);
  process.exit(1);
});
