import { once } from 'node:events';
import { WebSocket } from 'ws';

/** A message of the server, as `graphql-transport-ws` has it. */
export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: any;
}

/** A socket by itself, for what no client library would do. */
export class RawSocket {
  readonly socket: WebSocket;
  /** Resolves when the socket has closed. */
  readonly closed: Promise<number>;
  readonly #onMessage: (message: Message, text: string) => void;
  readonly #pongs: (() => void)[] = [];

  private constructor(socket: WebSocket, onMessage: (message: Message, text: string) => void) {
    this.socket = socket;
    this.#onMessage = onMessage;
    this.closed = once(socket, 'close').then(([code]) => code as number);
    socket.on('message', (data: Buffer) => this.#take(data.toString()));
    socket.on('error', () => {});
  }

  /** Resolves when it is acknowledged. @param onMessage gets every later message but pongs. */
  static async open(
    url: string,
    token: string,
    onMessage: (message: Message, text: string) => void = () => {},
  ): Promise<RawSocket> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const payload = { authorization: `Bearer ${token}` };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    await once(socket, 'message');
    return new RawSocket(socket, onMessage);
  }

  subscribe(id: string, payload: object): void {
    this.#send({ type: 'subscribe', id, payload });
  }

  complete(id: string): void {
    this.#send({ type: 'complete', id });
  }

  /** Resolves when the server has dealt with everything that was sent before; never when the socket closes before. */
  roundTrip(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#pongs.push(resolve));
    this.#send({ type: 'ping' });
    return answered;
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  #send(message: Message): void {
    this.socket.send(JSON.stringify(message));
  }

  #take(text: string): void {
    const message = JSON.parse(text) as Message;
    if (message.type === 'pong') this.#pongs.shift()?.();
    else this.#onMessage(message, text);
  }
}
