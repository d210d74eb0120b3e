import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Child, startChild } from './child.ts';
import { freePorts } from './free-ports.ts';
import { findProgram } from './program.ts';

export interface Proxy {
  readonly url: string;
  stop(): Promise<void>;
}

interface Setting {
  /** Host and port that it listens at. */
  readonly listen: string;
  /** Hosts and ports of the gateways. */
  readonly gateways: readonly [string, string];
  /** Its own folder, empty at first. */
  readonly folder: string;
}

/** As people start them, with what deploy/ has for each. */
export const PROXIES = {
  haproxy: ({ listen, gateways: [first, second] }: Setting) =>
    startChild(path('haproxy'), ['-f', 'deploy/haproxy.cfg'], {
      LISTEN: listen,
      GATEWAY_1: first,
      GATEWAY_2: second,
    }),
  nginx: async (setting: Setting) => {
    const { listen, gateways } = setting;
    const [first, second] = gateways;
    const text = await readFile('deploy/nginx.conf', 'utf8');
    const filled = text
      .replaceAll('${LISTEN}', listen)
      .replaceAll('${GATEWAY_1}', first)
      .replaceAll('${GATEWAY_2}', second);
    return startNginx(filled, setting);
  },
  caddy: ({ listen, gateways: [first, second], folder }: Setting) =>
    startChild(path('caddy'), ['run', '--config', 'deploy/Caddyfile', '--adapter', 'caddyfile'], {
      SITE: `http://${listen}`,
      GATEWAY_1: first,
      GATEWAY_2: second,
      HOME: folder,
    }),
} satisfies Record<string, (setting: Setting) => Child | Promise<Child>>;

/** nginx with nothing but a `proxy_pass`, as a first try has it. */
export const bareNginx = (setting: Setting): Promise<Child> =>
  startNginx(
    `events {} http { server { listen ${setting.listen}; location / { proxy_pass http://${setting.gateways[0]}; } } }`,
    setting,
  );

async function startNginx(text: string, { folder }: Setting): Promise<Child> {
  const file = join(folder, 'nginx.conf');
  // Its workers are of a user of their own, where it may choose one.
  await chmod(folder, 0o755);
  // Debian's own folders for these are not for every user.
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${join(folder, kind)};`,
  );
  await writeFile(file, text.replace('http {', `http { ${folders.join(' ')}`));
  const globally = `daemon off; pid ${join(folder, 'pid')};`;
  return startChild(path('nginx'), ['-p', folder, '-e', 'stderr', '-c', file, '-g', globally], {});
}

const path = (name: string): string => findProgram(name) ?? name;

/** A proxy in front of two gateways, or of one twice. Resolves when it takes connections. */
export async function startProxy(
  start: (setting: Setting) => Child | Promise<Child>,
  gateways: readonly [string, string],
): Promise<Proxy> {
  const folder = await mkdtemp(join(tmpdir(), 'mekong-proxy-'));
  const [port] = await freePorts(1);
  const listen = `127.0.0.1:${port}`;
  const [first, second] = gateways.map((each) => new URL(each).host) as [string, string];
  const child = await start({ listen, gateways: [first, second], folder });
  const url = `http://${listen}`;
  const listens = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  const ended = child.exit.then(() => {
    throw new Error(`the proxy ended: ${child.stderr}`);
  });
  ended.catch(() => {});
  while (!(await Promise.race([listens(), ended]))) await setTimeout(20);
  return {
    url,
    async stop() {
      // nginx takes its workers with it only when it is asked to.
      child.signal('SIGTERM');
      await child.exit;
      await rm(folder, { recursive: true });
    },
  };
}
