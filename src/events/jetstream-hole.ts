import { setTimeout } from 'node:timers/promises';
import type { StoredMsg } from '@nats-io/jetstream';
import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import { CursorExpired } from './log.ts';

/** Events that the stream has counted and, as it says, does not hold: none is passed over because of one answer. */
export interface Holes {
  /** @throws CursorExpired when it was trimmed, or is gone: from after it on nothing is missing. */
  insistOn(position: number): Promise<StoredMsg>;
}

export interface HolesOptions {
  /** Asks the leader. */
  readonly message: (position: number) => Promise<StoredMsg | null>;
  readonly trimmedTo: () => Promise<number>;
  readonly logger: Logger | undefined;
}

/** A leader that was replaced while it hung, and goes on, may answer in the other's place until it hears of that. */
const BELIEVE_AFTER = 5 * SECOND;
const PAUSE = SECOND / 5;

export function createHoles({ message, trimmedTo, logger }: HolesOptions): Holes {
  /** One asks for all followers that stand before the same hole. */
  const asking = new Map<number, Promise<StoredMsg>>();

  async function ask(position: number): Promise<StoredMsg> {
    for (const end = Date.now() + BELIEVE_AFTER; Date.now() < end; await setTimeout(PAUSE)) {
      const trimmed = await trimmedTo();
      if (position <= trimmed) throw new CursorExpired(trimmed);
      const found = await message(position);
      if (found) return found;
    }
    logger?.error({ position }, 'an event is gone from the middle of the log: cursors before it are expired');
    throw new CursorExpired(position);
  }

  return {
    insistOn(position) {
      const asked = asking.get(position) ?? ask(position).finally(() => asking.delete(position));
      asking.set(position, asked);
      return asked;
    },
  };
}
