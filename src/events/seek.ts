import { CursorExpired, type EventFilter, type EventLog, type LogEvent, type LogPage } from './log.ts';

type Readable = Pick<EventLog, 'read' | 'end' | 'trimmedTo'>;

/**
 * The position to read after for every kept event from `time` on (milliseconds since the epoch), in as many reads as
 * the log's length has binary digits. Events are in the order in which they were received; where a clock went back in
 * between, an event may be found a little early, and none is left out that came after all those before `time`.
 */
export async function positionAt(log: Readable, time: number): Promise<number> {
  let [low, high] = await Promise.all([log.trimmedTo(), log.end()]);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [event] = (await readKept(log, middle, 1)).events;
    if (!event || event.receivedAt >= time) high = middle;
    else low = event.position;
  }
  return low;
}

/** The newest `count` events that match, in log order; fewer when there are no more. */
export async function newestEvents(log: Readable, count: number, filter?: EventFilter): Promise<LogEvent[]> {
  const [oldest, end] = await Promise.all([log.trimmedTo(), log.end()]);
  for (let reach = count; ; reach *= 4) {
    const after = Math.max(oldest, end - reach);
    const events: LogEvent[] = [];
    for await (const page of readAll(log, after, filter)) events.push(...page.events);
    if (events.length >= count || after === oldest) return count === 0 ? [] : events.slice(-count);
  }
}

/** Events in one page. */
const PAGE = 100;

/** As `EventLog.read`, but goes on behind what is gone: for whoever asks for what is kept, and holds no cursor. */
export async function readKept(
  log: Pick<EventLog, 'read'>,
  after: number,
  limit: number,
  filter?: EventFilter,
): Promise<LogPage> {
  try {
    return await log.read(after, limit, filter);
  } catch (error) {
    if (!(error instanceof CursorExpired) || error.trimmedTo <= after) throw error;
    return readKept(log, error.trimmedTo, limit, filter);
  }
}

/** Pages of everything that is kept after a position, also empty ones. @throws CursorExpired for one beyond the end. */
export async function* readAll(
  log: Pick<EventLog, 'read'>,
  after: number,
  filter?: EventFilter,
): AsyncGenerator<LogPage> {
  for (let position = after; ; ) {
    const page = await readKept(log, position, PAGE, filter);
    yield page;
    if (page.atEnd) return;
    ({ position } = page);
  }
}
