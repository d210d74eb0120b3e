import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { explainStartError } from '../src/lib/start-error.ts';
import { stopSignal } from '../src/lib/stop-signal.ts';
import { startSandbox } from '../src/sandbox/start.ts';
import { startTraffic } from '../src/sandbox/traffic.ts';
import { isInstalled, LIVE_BOARD, loadVite, proxyTo } from './live-board.ts';

/** The sandbox with its traffic, and the live board that shows it. */
async function run(): Promise<void> {
  const stopped = stopSignal();
  if (!isInstalled()) await install();
  const { PORT = '5173' } = process.env;
  const sandbox = await startSandbox({
    env: { PORT: '0', LOG_LEVEL: 'warn' },
    // Where Casso's page sends the browser back to.
    casso: { redirectUris: [`http://127.0.0.1:${PORT}/`] },
  });
  try {
    const vite = await loadVite();
    const proxy = proxyTo({ api: sandbox.app.url, phones: sandbox.bongloy.url });
    const board = await vite.createServer({
      root: LIVE_BOARD,
      logLevel: 'warn',
      server: { port: Number(PORT), proxy },
    });
    await board.listen();
    const stopTraffic = startTraffic(sandbox);
    process.stdout.write(welcome(board.resolvedUrls?.local[0] ?? ''));
    await stopped;
    stopTraffic();
    await board.close();
  } finally {
    await sandbox.stop();
  }
  process.stdout.write('\nEnded. Nothing was left behind.\n');
  process.exit();
}

/** @throws Error when npm fails; it has said why. */
async function install(): Promise<void> {
  process.stdout.write('Installing the packages of examples/live-board, this once.\n');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund'], { cwd: LIVE_BOARD, stdio: 'inherit' });
  const [code] = await once(npm, 'exit');
  if (code !== 0) throw new Error('npm ci failed in examples/live-board.');
}

const welcome = (url: string): string => `
The live board is running over simulators of both providers. Nothing leaves this machine.

  ${url}

Log in with the phone +85513333333, the account 204000201 and the code 123456; then connect the bank.

A card payment or a bank transfer happens every few seconds. Ctrl-C ends it.
`;

/** Vite's own words. */
const isTaken = (error: unknown): boolean =>
  error instanceof Error && /^Port \d+ is already in use$/.test(error.message);
const CURE = '. Set PORT to another one, such as PORT=5180.';

run().catch((error: unknown) => {
  process.stderr.write(`${explainStartError(error)}${isTaken(error) ? CURE : ''}\n`);
  process.exit(1);
});
