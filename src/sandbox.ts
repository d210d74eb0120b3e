import { createLogger } from './lib/logger.ts';
import { explainStartError } from './lib/start-error.ts';
import { logIn } from './sandbox/login.ts';
import { startSandbox } from './sandbox/start.ts';
import { startTraffic } from './sandbox/traffic.ts';

/** `npm run dev`: everything on this machine, nothing to set up, nothing left behind. */
async function main(): Promise<void> {
  let cardholderToken = '';
  const { HOST, PORT = '4000', LOG_LEVEL = 'warn' } = process.env;
  const sandbox = await startSandbox({
    logger: createLogger(LOG_LEVEL === 'info' || LOG_LEVEL === 'debug' ? LOG_LEVEL : 'warn'),
    env: { HOST, PORT, LOG_LEVEL },
    graphiqlHeaders: () => ({ Authorization: `Bearer ${cardholderToken}` }),
  });
  cardholderToken = await logIn(sandbox);
  const operatorToken = await sandbox.operatorToken();
  const stopTraffic = startTraffic(sandbox);
  const { url } = sandbox.app;
  process.stdout.write(`
Mekong is running against simulators of both providers. Nothing leaves this machine.

  GraphiQL             ${url}/graphql   (opens logged in as the demo cardholder)
  Bongloy simulator    ${sandbox.bongloy.url}
  Casso simulator      ${sandbox.casso.url}

A cardholder's token, linked to both providers:
  ${cardholderToken}

An operator's token, with every scope:
  ${operatorToken}

Try it:
  curl -s ${url}/graphql -H 'content-type: application/json' \\
    -H 'authorization: Bearer ${cardholderToken}' \\
    -d '{"query":"{ activity(first: 3) { nodes { occurredAt direction amount { formatted } description } } }"}'

A card payment or a bank transfer happens every few seconds. Ctrl-C ends it.
`);

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    stopTraffic();
    sandbox.stop().then(
      () => {
        process.stdout.write('\nEnded. Nothing was left behind.\n');
        process.exit(0);
      },
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function fail(error: unknown): void {
  process.stderr.write(`${explainStartError(error)}\n`);
  process.exit(1);
}

main().catch(fail);
