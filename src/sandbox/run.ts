import { LOOPBACK_ORIGINS } from '../lib/origins.ts';
import { stopSignal } from '../lib/stop-signal.ts';
import { logIn } from './login.ts';
import { type Sandbox, startSandbox } from './start.ts';
import { startTraffic } from './traffic.ts';

/**
 * `npm run dev`: everything on this machine, nothing to set up, nothing left behind. Ends the process after Ctrl-C.
 * @param env of which HOST, PORT, LOG_LEVEL and CORS_ORIGINS count; pages of this machine may call without being named.
 * @throws Error when it cannot start.
 */
export async function runSandbox(env: NodeJS.ProcessEnv): Promise<never> {
  const stopped = stopSignal();
  const { HOST, PORT = '4000', LOG_LEVEL = 'warn', CORS_ORIGINS = '' } = env;
  let cardholderToken = '';
  const sandbox = await startSandbox({
    env: { HOST, PORT, LOG_LEVEL, CORS_ORIGINS: `${LOOPBACK_ORIGINS},${CORS_ORIGINS}` },
    bongloy: { port: portAfter(PORT, 1) },
    casso: { port: portAfter(PORT, 2) },
    graphiqlHeaders: () => ({ Authorization: `Bearer ${cardholderToken}` }),
  });
  process.on('unhandledRejection', sandbox.app.onUnhandledRejection);
  cardholderToken = await logIn(sandbox);
  const stopTraffic = startTraffic(sandbox);
  process.stdout.write(welcome(sandbox, cardholderToken, await sandbox.operatorToken()));

  await stopped;
  stopTraffic();
  await sandbox.stop();
  process.stdout.write('\nEnded. Nothing was left behind.\n');
  process.exit();
}

/** The simulators listen beside the gateway, where the README expects them; 0 lets the system choose. */
function portAfter(port: string, distance: number): number {
  const next = Number(port) + distance;
  return next > distance && next < 65_536 ? next : 0;
}

function welcome({ app, bongloy, casso }: Sandbox, cardholderToken: string, operatorToken: string): string {
  return `
Mekong is running against simulators of both providers. Nothing leaves this machine.

  GraphiQL             ${app.url}/graphql   (opens logged in as the demo cardholder)
  Bongloy simulator    ${bongloy.url}
  Casso simulator      ${casso.url}

To paste into another shell: a cardholder's token, linked to both providers,
  export TOKEN=${cardholderToken}

or an operator's, with every scope:
  export TOKEN=${operatorToken}

Try it:
  curl -s ${app.url}/graphql -H 'content-type: application/json' \\
    -H "authorization: Bearer $TOKEN" \\
    -d '{"query":"{ activity(first: 3) { nodes { occurredAt direction amount { formatted } description } } }"}'

Make a card payment, and see it come:
  curl -s ${bongloy.url}/_sandbox/make-purchase -d '{"merchant":"Riverside Coffee","amount":450}'

A card payment or a bank transfer happens every few seconds. Ctrl-C ends it.
`;
}
