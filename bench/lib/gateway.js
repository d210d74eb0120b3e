import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';

const HERE = new URL('../..', import.meta.url).pathname;

/**
 * `dist/main.js` as it is deployed, in a process of its own, its limits by request rate off.
 * @param folder of the build: this clone's, or what `buildBefore` gives.
 * @param execArgv of Node.js, such as a probe to load.
 */
export async function startGateway(env, { folder = HERE, execArgv = [] } = {}) {
  const child = fork(`${folder}/dist/main.js`, [], {
    execArgv,
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      PORT: '0',
      STORE_KEYS: randomBytes(32).toString('base64'),
      LOGIN_ATTEMPTS_PER_MINUTE: '0',
      REQUESTS_PER_MINUTE: '0',
      ANONYMOUS_REQUESTS_PER_MINUTE: '0',
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  process.on('exit', kill);
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  const url = await new Promise((resolve, reject) => {
    let text = '';
    let found;
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      if (found) return;
      text += chunk;
      found = /"url":"([^"]+)"/.exec(text)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`the gateway ended (${code}): ${text}`)));
  });
  return {
    url,
    child,
    /** Ends it with SIGTERM. */
    async stop() {
      process.off('exit', kill);
      child.kill('SIGTERM');
      await ended;
    },
  };
}
