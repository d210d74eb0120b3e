import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { startChild } from './child.ts';

export interface LoadBalancer {
  readonly url: string;
  stop(): Promise<void>;
}

/** HAProxy as deploy/haproxy.cfg has it, in front of two gateways. Resolves when it takes connections. */
export async function startLoadBalancer(
  program: string,
  gateways: readonly [string, string],
): Promise<LoadBalancer> {
  const port = await freePort();
  const [first, second] = gateways.map((url) => new URL(url).host);
  const child = startChild(program, ['-f', 'deploy/haproxy.cfg'], {
    LISTEN: `127.0.0.1:${port}`,
    GATEWAY_1: first,
    GATEWAY_2: second,
  });
  const url = `http://127.0.0.1:${port}`;
  const listens = () =>
    fetch(url).then(
      () => true,
      () => false,
    );
  const ended = child.exit.then(() => {
    throw new Error(`haproxy ended: ${child.stderr}`);
  });
  while (!(await Promise.race([listens(), ended]))) await setTimeout(20);
  return {
    url,
    async stop() {
      child.signal('SIGKILL');
      await child.exit;
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
