import { EventEmitter, once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { cassoBody, cassoRow, postCasso } from './news.ts';

/** Webhooks at a steady rate, each repeated until it is answered 2xx, as providers do. */
export interface Load {
  /** Of the transactions whose deliveries were acknowledged, in that order. */
  readonly ids: readonly string[];
  /** Resolves when so many more deliveries were acknowledged. */
  acknowledged(count: number): Promise<void>;
  /** Begins no new delivery. @returns of each writer, the ids of its transactions in the order they were sent. */
  stop(): Promise<readonly (readonly string[])[]>;
}

export interface LoadOptions {
  readonly url: string;
  /** At most: a machine that cannot carry it is given less. */
  readonly perSecond: number;
  /** Ids count up from here; each writer has a million. */
  readonly firstId: number;
}

/** So many that what one waits for its answer does not hold the rate down: 16 were given 206 a second where 64 had 451. */
const WRITERS = 64;
const RETRY_PAUSE = 50;
/** Longer than the gateway takes to say that its store is away. */
const GIVE_UP = 8_000;

export function startLoad({ url, perSecond, firstId }: LoadOptions): Load {
  const acknowledgements = new EventEmitter();
  acknowledgements.setMaxListeners(0);
  const ids: string[] = [];
  let isOver = false;

  async function deliver(id: number): Promise<void> {
    for (;;) {
      const accepted = await postCasso(
        { url },
        cassoBody(cassoRow(id)),
        {},
        AbortSignal.timeout(GIVE_UP),
      ).then(
        async (response) => {
          await response.arrayBuffer();
          return response.ok;
        },
        () => false,
      );
      if (accepted) break;
      await pause(RETRY_PAUSE);
    }
    ids.push(String(id));
    acknowledgements.emit('one');
  }

  async function write(first: number): Promise<string[]> {
    const sent: string[] = [];
    let due = performance.now();
    for (;;) {
      if (isOver) return sent;
      due = Math.max(due + (1_000 * WRITERS) / perSecond, performance.now());
      const id = first + sent.length;
      sent.push(String(id));
      await deliver(id);
      await pause(due - performance.now());
    }
  }

  const writing = Promise.all(Array.from({ length: WRITERS }, (_, n) => write(firstId + n * 1_000_000)));
  return {
    ids,
    async acknowledged(more) {
      const wanted = ids.length + more;
      while (ids.length < wanted) await once(acknowledgements, 'one');
    },
    stop() {
      isOver = true;
      return writing;
    },
  };
}
