import { refuseOldNode } from './lib/node-version.ts';
import { explainStartError } from './lib/start-error.ts';

/** What a container or a service manager starts; `mekong start` is the same for people. */
refuseOldNode();
const { runGateway } = await import('./gateway.ts');
runGateway(process.env).catch((error: unknown) => {
  process.stderr.write(`${explainStartError(error)}\n`);
  process.exit(1);
});
