import { setTimeout } from 'node:timers/promises';
import { startChild } from './child.ts';
import { freePorts } from './free-ports.ts';
import { findProgram } from './program.ts';

export interface LoadBalancer {
  readonly url: string;
  stop(): Promise<void>;
}

/** HAProxy as deploy/haproxy.cfg has it, in front of two gateways. Resolves when it takes connections. */
export async function startLoadBalancer(gateways: readonly [string, string]): Promise<LoadBalancer> {
  const [port] = await freePorts(1);
  const [first, second] = gateways.map((url) => new URL(url).host);
  const child = startChild(findProgram('haproxy') ?? 'haproxy', ['-f', 'deploy/haproxy.cfg'], {
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
