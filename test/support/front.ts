import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A load balancer as small as it can be: each connection goes to the next backend that takes it. */
export interface Front {
  readonly url: string;
  close(): Promise<void>;
}

/** @param backends such as `http://127.0.0.1:4000`. */
export async function startFront(backends: readonly string[]): Promise<Front> {
  const ports = backends.map((url) => Number(new URL(url).port));
  const clients = new Set<Socket>();
  let turn = 0;

  async function reach(): Promise<Socket | null> {
    turn += 1;
    for (const index of ports.keys()) {
      const backend = connect(ports[(turn + index) % ports.length] ?? 0, '127.0.0.1');
      const reached = await once(backend, 'connect').then(
        () => true,
        () => false,
      );
      if (reached) return backend;
    }
    return null;
  }

  async function join(client: Socket): Promise<void> {
    clients.add(client);
    client.on('error', () => client.destroy());
    client.once('close', () => clients.delete(client));
    const backend = await reach();
    if (!backend || client.destroyed) {
      backend?.destroy();
      client.destroy();
      return;
    }
    client.pipe(backend).pipe(client);
    backend.on('error', () => client.destroy());
    backend.once('close', () => client.destroy());
    client.once('close', () => backend.destroy());
  }

  // What the client sends before its backend is found waits.
  const server = createServer({ pauseOnConnect: false }, (client) => void join(client));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
