import { LRUCache } from 'lru-cache';
import { matches } from './filter.ts';
import type { EventFilter, LogEvent, LogPage } from './log.ts';

/** The newest events, parsed once and shared by all followers near the end. */
export interface Tail {
  /** The position of the newest event that this process knows of. */
  readonly end: number;
  /**
   * Takes in an event that the log has kept. False: events between it and `end` are not known here, as another
   * process wrote them.
   * @param size of the event's JSON, in bytes.
   */
  add(event: LogEvent, size: number): boolean;
  /** As `add`, for a position that holds no event. */
  pass(position: number): boolean;
  /** A page as the log's `read` gives it; null when the events after `after` are not (all) known here. */
  page(after: number, limit: number, filter: EventFilter | undefined): LogPage | null;
  /** Lets go of an event that the log has forgotten. */
  forget(position: number): void;
}

/** Bounds: whichever is reached first. */
const MOST_EVENTS = 2_000;
/** Bytes of JSON; the values take a few times as many. */
const LARGEST_SIZE = 4_000_000;

/** @param end the log's end when the process started. */
export function createTail(end: number): Tail {
  // Only peeked at, so the least recently used one is the oldest. One that is too large is not kept: a hole.
  const events = new LRUCache<number, { readonly event: LogEvent; readonly size: number }>({
    max: MOST_EVENTS,
    maxSize: LARGEST_SIZE,
    sizeCalculation: ({ size }) => size,
  });
  let last = end;

  function moveTo(position: number): boolean {
    const isAdjacent = position === last + 1;
    if (!isAdjacent) events.clear();
    last = position;
    return isAdjacent;
  }

  return {
    get end() {
      return last;
    },

    add(event, size) {
      const isAdjacent = moveTo(event.position);
      events.set(event.position, { event, size });
      return isAdjacent;
    },

    pass: moveTo,

    page(after, limit, filter) {
      if (after === last) return { events: [], position: last, atEnd: true };
      const found: LogEvent[] = [];
      let position = after;
      while (position < last && found.length < limit) {
        const entry = events.peek(position + 1);
        if (!entry) break;
        position += 1;
        if (matches(entry.event, filter)) found.push(entry.event);
      }
      return position === after ? null : { events: found, position, atEnd: position === last };
    },

    forget(position) {
      events.delete(position);
    },
  };
}
