import { cursorExpired, decodeEventCursor } from '../../events/cursor.ts';
import { CursorExpired, type EventLog } from '../../events/log.ts';
import { inSpan } from '../../lib/span.ts';
import type { Context, EventSelection } from '../context.ts';
import { delivery } from './delivery.ts';
import { hold } from './hold.ts';
import { readForEvent, type VisibleEvent, visibleEvent } from './visible.ts';

/**
 * What the viewer may see of the log after a cursor (null: from now on): first what is kept, then what comes, in
 * order, without gap or repeat. Events are taken from the log as the client takes them, so a slow client holds up
 * nobody and holds one page. It ends where live delivery takes over, if there is any.
 * @throws GatewayError BAD_USER_INPUT or CURSOR_EXPIRED for the cursor; what `hold` throws.
 */
export async function* eventStream(
  after: string | null | undefined,
  selection: EventSelection,
  context: Context,
): AsyncGenerator<VisibleEvent> {
  const { live, services } = context;
  const signal = context.subscriptionSignal();
  const { log, holdEvent, deliveredLive } = services;
  const since = Date.now();
  const start = live?.resumeAfter ?? (await startOf(after, log));
  const takesOver = live ? (position: number) => live.takeOver(position, selection) : undefined;
  try {
    for await (const { events } of log.follow(start, selection.log, signal, takesOver)) {
      for (const event of events) {
        // Loaders live for one event: what was read for the last one may be old by now.
        const look = () => visibleEvent(event, context.renewLoaders(), log, readForEvent);
        const isLive = event.receivedAt >= since;
        const visible = await inSpan(delivery(event, isLive), () => hold(look, holdEvent, signal));
        if (!visible || !selection.tells(visible)) continue;
        if (isLive) deliveredLive(event);
        yield visible;
      }
    }
  } catch (error) {
    throw error instanceof CursorExpired ? cursorExpired(log, error.trimmedTo) : error;
  }
}

const startOf = (after: string | null | undefined, log: EventLog): Promise<number> =>
  after === null || after === undefined ? log.end() : decodeEventCursor(after, log, 'after');
