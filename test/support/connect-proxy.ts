import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** A forward proxy that does what CONNECT asks for, and nothing else. */
export interface ConnectProxy {
  readonly url: string;
  /** What was asked for so far, as `host:port`. */
  readonly targets: readonly string[];
  /** The credentials of the last one. */
  readonly authorization: string | undefined;
  /** What it does from now on: passes on, refuses with a status, or takes the connection and says nothing. */
  behave(how: 'tunnel' | 'silent' | number): void;
  close(): Promise<void>;
}

export async function startConnectProxy(): Promise<ConnectProxy> {
  const targets: string[] = [];
  const sockets = new Set<Socket>();
  let authorization: string | undefined;
  let how: 'tunnel' | 'silent' | number = 'tunnel';
  const server = createServer((_request, response) => response.writeHead(400).end());
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.on('connect', ({ url = '', headers }, client: Socket) => {
    targets.push(url);
    authorization = headers['proxy-authorization'];
    if (how === 'silent') return;
    if (how !== 'tunnel') {
      client.end(`HTTP/1.1 ${how} No\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(upstream).pipe(client);
    });
    sockets.add(upstream);
    upstream.on('error', () => client.destroy()).on('close', () => sockets.delete(upstream));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    get authorization() {
      return authorization;
    },
    behave(next) {
      how = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
