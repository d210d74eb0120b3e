import { cursorExpired, decodeEventCursor } from '../../events/cursor.ts';
import { CursorExpired, type LogEvent } from '../../events/log.ts';
import { inSpan, type SpanOptions } from '../../lib/span.ts';
import type { Context } from '../context.ts';
import type { Selection } from './filter.ts';
import { hold } from './hold.ts';
import { readForEvent, type VisibleEvent, visibleEvent } from './visible.ts';

/**
 * What the viewer may see of the log after a cursor (null: from now on): first what is kept, then what comes, in
 * order, without gap or repeat. Events are taken from the log as the client takes them, so a slow client holds up
 * nobody and holds one page.
 * @throws GatewayError BAD_USER_INPUT or CURSOR_EXPIRED for the cursor; what `hold` throws.
 */
export async function* eventStream(
  after: string | null | undefined,
  selection: Selection,
  context: Context,
): AsyncGenerator<VisibleEvent> {
  const { log, holdEvent, deliveredLive } = context.services;
  const since = Date.now();
  const signal = context.subscriptionSignal;
  const start =
    after === null || after === undefined ? await log.end() : await decodeEventCursor(after, log, 'after');
  try {
    for await (const { events } of log.follow(start, selection.log, signal)) {
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

/** What is told at once belongs to the webhook's trace; what is caught up on later begins one, and goes back to it. */
const delivery = ({ provider, traceparent }: LogEvent, isLive: boolean): SpanOptions => ({
  name: 'deliver',
  kind: 'consumer',
  attributes: { 'mekong.provider': provider },
  ...(isLive ? { parent: traceparent } : { link: traceparent }),
});
