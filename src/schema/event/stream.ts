import type { Provider } from '../../domain/provider.ts';
import { cursorExpired, decodeEventPlace, type Place, placeAt } from '../../events/cursor.ts';
import { CursorExpired } from '../../events/log.ts';
import type { Context, EventSelection } from '../context.ts';
import { tellApart } from './apart.ts';
import { StreamRun } from './stream-run.ts';
import { troubleOf } from './trouble.ts';
import { readForEvent, type VisibleEvent, visibleEvent } from './visible.ts';

/**
 * What the viewer may see of the log after a cursor (null: from now on): first what is kept, then what comes, in
 * order, without gap or repeat. Events are taken from the log as the client takes them, so a slow client holds up
 * nobody and holds one page. It ends where live delivery takes over, if there is any.
 *
 * A stream of several providers outlives one of them: while one is down, the others' events go on without it (see
 * `tellApart`), and one whose login has ended is left out from then on.
 * @throws GatewayError BAD_USER_INPUT or CURSOR_EXPIRED for the cursor; what `hold` throws.
 */
export async function* eventStream(
  after: string | null | undefined,
  selection: EventSelection,
  context: Context,
): AsyncGenerator<VisibleEvent> {
  const { log } = context.services;
  const run = new StreamRun(selection, await startOf(after, selection, context), context);
  let lagging = context.live?.resume?.lagging ?? null;
  const leave = selection.providers.includes('BONGLOY') ? context.listen() : null;
  try {
    do {
      if (lagging && run.canDoWithout(lagging)) yield* tellApart(run, lagging, context);
      lagging = yield* tellInOrder(run, context);
    } while (lagging);
  } catch (error) {
    throw error instanceof CursorExpired ? cursorExpired(log, error.trimmedTo) : error;
  } finally {
    leave?.();
  }
}

/** @returns the provider that could not tell of the next event in time, where the others need not wait for it. */
async function* tellInOrder(run: StreamRun, context: Context): AsyncGenerator<VisibleEvent, Provider | null> {
  const { live, services } = context;
  const { log, holdEvent } = services;
  const signal = context.subscriptionSignal();
  const takesOver =
    live && ((position: number) => position >= run.furthest && live.takeOver(position, run.selection));
  for await (const { events } of log.follow(run.lowest, run.filter, signal, takesOver ?? undefined)) {
    for (const event of events) {
      if (run.isPast(event)) continue;
      // Loaders live for one event: what was read for the last one may be old by now.
      const look = () => visibleEvent(event, context.renewLoaders(), log, readForEvent);
      let visible: VisibleEvent | null = null;
      try {
        visible = await run.held(event, look, holdEvent, signal);
      } catch (error) {
        const trouble = troubleOf(error, event.provider, run.providers);
        if (trouble === 'lagging') return event.provider;
        if (trouble !== 'lost') throw error;
        run.lose(event.provider);
      }
      run.reach(event.position, run.providers);
      if (visible) yield run.told(visible);
    }
  }
  return null;
}

async function startOf(
  after: string | null | undefined,
  { providers }: EventSelection,
  { live, services: { log } }: Context,
): Promise<Place> {
  if (live?.resume) return placeAt(live.resume.after);
  if (after === null || after === undefined) return placeAt(await log.end());
  return decodeEventPlace(after, log, 'after', providers);
}
