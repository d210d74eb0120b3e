import { MessageType, parseMessage } from 'graphql-ws';
import { CLOSINGS } from './close-codes.ts';

/** Resolves when the message was dealt with; one that begins an operation, when the operation is over. */
export type Handle = (text: string) => Promise<void>;

interface Operation {
  /** Characters of the message that began it, which is held for as long as it lasts. */
  readonly size: number;
  /** The client wants no more of it, or is gone. */
  isOver: boolean;
  /** Frees what it holds. */
  release: (() => void) | null;
  /** Resolves when the protocol has forgotten it. */
  forgotten: Promise<void>;
}

/**
 * The operations of one socket, each from the message that begins it until nothing of it is left. The protocol's server
 * knows an operation by its id alone, and takes some time to forget one that its client has completed. Meanwhile a client
 * may use the id again: that operation waits here for the end of the one before, and no other does.
 */
export class SocketOperations {
  readonly #close: (code: number, reason: string) => void;
  readonly #byId = new Map<string, Operation>();

  /** @param close closes the socket. */
  constructor(close: (code: number, reason: string) => void) {
    this.#close = close;
  }

  /** Takes a message of the client. @throws what `handle` throws. */
  take(text: string, handle: Handle): Promise<void> {
    const message = read(text);
    if (message?.type === MessageType.Subscribe)
      return this.#begin(message.id, text.length, () => handle(text));
    if (message?.type === MessageType.Complete) end(this.#byId.get(message.id));
    return handle(text);
  }

  /** To be called while its message is handled. @param release frees what the operation holds; called once. */
  holds(id: string, release: () => void): void {
    const operation = this.#byId.get(id);
    if (operation && !operation.isOver) operation.release = release;
    else release();
  }

  /** Characters of the message that began the operation. */
  sizeOf(id: string): number {
    return this.#byId.get(id)?.size ?? 0;
  }

  /** The socket is closing, or gone. */
  endAll(): void {
    for (const operation of this.#byId.values()) end(operation);
  }

  #begin(id: string, size: number, handle: () => Promise<void>): Promise<void> {
    const before = this.#byId.get(id);
    if (before && !before.isOver) {
      this.#close(CLOSINGS.idInUse.code, closeReason(id));
      return Promise.resolve();
    }
    const operation: Operation = { size, isOver: false, release: null, forgotten: Promise.resolve() };
    this.#byId.set(id, operation);
    const handled = before ? beginAfter(before, operation, handle) : handle();
    const forget = () => {
      end(operation);
      if (this.#byId.get(id) === operation) this.#byId.delete(id);
    };
    operation.forgotten = handled.then(forget, forget);
    return handled;
  }
}

async function beginAfter(
  before: Operation,
  operation: Operation,
  handle: () => Promise<void>,
): Promise<void> {
  await before.forgotten;
  if (!operation.isOver) await handle();
}

function end(operation: Operation | undefined): void {
  if (!operation) return;
  operation.isOver = true;
  const { release } = operation;
  operation.release = null;
  release?.();
}

/** Null for a message that the protocol refuses. */
function read(text: string): ReturnType<typeof parseMessage> | null {
  try {
    return parseMessage(text);
  } catch {
    return null;
  }
}

/** A close frame has room for 123 bytes (RFC 6455 §5.5). */
function closeReason(id: string): string {
  const reason = `Subscriber for ${id} already exists`;
  return Buffer.byteLength(reason) <= 123 ? reason : 'Subscriber already exists';
}
