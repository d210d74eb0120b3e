import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * The ways between the servers of a cluster, each a small relay, so that a server can be cut off from the others while
 * its clients keep it: no privileges are needed for that.
 */
export interface NatsRoutes {
  /** What that server is to be given as `--routes`. */
  from(index: number): string;
  /**
   * Nothing passes any more between that server and the others. Silent: no connection ends, as if the cable were out.
   * Refused: connections end at once, and new ones do, as behind a firewall that says no.
   */
  cut(index: number, how: Cut): void;
  /** Everything passes again; what was held back arrives late, as TCP has it. */
  heal(): void;
  close(): Promise<void>;
}

export type Cut = 'silent' | 'refused';

/** No server is reached here, so that what servers tell each other of the others leads past no relay. */
export const NO_OTHER_WAY = ['--cluster_advertise', '127.0.0.1:1'];

/** @param ports where the servers listen for each other. */
export async function startNatsRoutes(ports: readonly number[]): Promise<NatsRoutes> {
  const links = await Promise.all(
    ports.flatMap((_, from) =>
      ports.flatMap((port, to) => (from === to ? [] : [startLink({ from, to, port })])),
    ),
  );
  return {
    from: (index) =>
      links
        .filter(({ from }) => from === index)
        .map(({ url }) => url)
        .join(','),
    cut(index, how) {
      for (const link of links) if (link.from === index || link.to === index) link.cut(how);
    },
    heal() {
      for (const link of links) link.heal();
    },
    async close() {
      await Promise.all(links.map((link) => link.close()));
    },
  };
}

interface Way {
  readonly from: number;
  readonly to: number;
  /** Where `to` listens. */
  readonly port: number;
}

interface Link extends Way {
  readonly url: string;
  cut(how: Cut): void;
  heal(): void;
  close(): Promise<void>;
}

async function startLink(way: Way): Promise<Link> {
  const sockets = new Set<Socket>();
  const unanswered = new Set<Socket>();
  let state: Cut | 'whole' = 'whole';

  function hold(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  }

  function endAll(): void {
    for (const socket of sockets) socket.destroy();
  }

  function join(one: Socket): void {
    hold(one);
    if (state === 'refused') one.destroy();
    // One that asks while all is silent gets no answer.
    if (state === 'silent') unanswered.add(one);
    if (state !== 'whole') return;
    const other = connect(way.port, '127.0.0.1');
    hold(other);
    pass(one, other);
    pass(other, one);
  }

  /** As `pipe`, but it can be stopped and gone on with. */
  function pass(from: Socket, to: Socket): void {
    from.on('data', (data) => {
      if (!to.write(data)) {
        from.pause();
        to.once('drain', () => state === 'whole' && from.resume());
      }
    });
    from.once('close', () => to.destroy());
  }

  const server: Server = createServer(join);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    ...way,
    url: `nats://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut(how) {
      state = how;
      if (how === 'refused') endAll();
      else for (const socket of sockets) socket.pause();
    },
    heal() {
      state = 'whole';
      for (const socket of unanswered) socket.destroy();
      unanswered.clear();
      for (const socket of sockets) socket.resume();
    },
    async close() {
      endAll();
      server.close();
      await once(server, 'close');
    },
  };
}
