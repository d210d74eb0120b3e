import { setTimeout as wait } from 'node:timers/promises';
import type { Provider } from '../../domain/provider.ts';
import type { LogEvent } from '../../events/log.ts';
import { SECOND } from '../../lib/duration.ts';
import type { Context } from '../context.ts';
import type { StreamRun } from './stream-run.ts';
import { troubleOf } from './trouble.ts';
import { readForEvent, type VisibleEvent, visibleEvent } from './visible.ts';

/** An event that was looked at; null when the client is not told of it. */
interface Looked {
  readonly event: LogEvent;
  readonly visible: VisibleEvent | null;
}

/** How soon a provider that refused is asked again. */
const ASK_AGAIN = 4 * SECOND;

/**
 * Goes on with the other providers while one is down: each keeps its own order, and cursors say how far each has
 * come. The one that is down is asked for as long as it takes; once it has told everything up to the log's end, or is
 * lost, it is over.
 * @throws GatewayError UPSTREAM_UNAVAILABLE when another one is down too.
 */
export async function* tellApart(
  run: StreamRun,
  lagging: Provider,
  context: Context,
): AsyncGenerator<VisibleEvent> {
  const stop = new AbortController();
  const { signal } = stop;
  const over = context.subscriptionSignal();
  const onOver = () => stop.abort(over.reason);
  if (over.aborted) onOver();
  over.addEventListener('abort', onOver);
  const ways = { late: late(run, lagging, context, signal), rest: rest(run, lagging, context, signal) };
  const step = async (way: keyof typeof ways) => ({ way, ...(await ways[way].next()) });
  const steps = { late: step('late'), rest: step('rest') };
  let isBack = false;
  try {
    for (;;) {
      const { way, done, value } = await Promise.race([steps.late, steps.rest]);
      if (done) return;
      const { event, visible } = value;
      run.reach(event.position, [event.provider]);
      isBack ||= way === 'late';
      if (visible) {
        // What is asked for with this event is read for it.
        context.renewLoaders();
        yield run.told(visible, isBack ? [] : [lagging]);
      }
      steps[way] = step(way);
    }
  } finally {
    over.removeEventListener('abort', onOver);
    stop.abort();
    // What was under way was not told: it is looked at again.
    for (const way of ['late', 'rest'] as const) {
      steps[way].catch(() => {});
      ways[way].return().catch(() => {});
    }
  }
}

/** The events of the provider that is down, from where it stands to the log's end. */
async function* late(
  run: StreamRun,
  provider: Provider,
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<Looked, void> {
  const { log } = context.services;
  const caughtUp = (position: number): boolean => {
    run.reach(position, [provider]);
    return true;
  };
  const filter = run.filterOf([provider]);
  for await (const { events } of log.follow(run.lowestOf([provider]), filter, signal, caughtUp)) {
    for (const event of events) {
      const looked = await untilTold(run, event, context, signal);
      if (!looked) return;
      yield looked;
    }
  }
}

/** Null when the provider's login has ended. */
async function untilTold(
  run: StreamRun,
  event: LogEvent,
  context: Context,
  signal: AbortSignal,
): Promise<Looked | null> {
  for (;;) {
    try {
      return { event, visible: await run.held(event, lookAside(event, context), Infinity, signal) };
    } catch (error) {
      const trouble = troubleOf(error, event.provider, run.providers);
      if (trouble === null) throw error;
      if (trouble === 'lost') {
        run.lose(event.provider);
        return null;
      }
      await wait(ASK_AGAIN, undefined, { signal });
    }
  }
}

/** The events of all others, as they come. */
async function* rest(
  run: StreamRun,
  lagging: Provider,
  context: Context,
  signal: AbortSignal,
): AsyncGenerator<Looked, void> {
  const { log, holdEvent } = context.services;
  const others = run.providers.filter((provider) => provider !== lagging);
  for await (const { events } of log.follow(run.lowestOf(others), run.filterOf(others), signal)) {
    for (const event of events) {
      if (run.isPast(event)) continue;
      let visible: VisibleEvent | null;
      try {
        visible = await run.held(event, lookAside(event, context), holdEvent, signal);
      } catch (error) {
        if (troubleOf(error, event.provider, run.providers) !== 'lost') throw error;
        run.lose(event.provider);
        return;
      }
      yield { event, visible };
    }
  }
}

const lookAside =
  (event: LogEvent, { withLoaders, services: { log } }: Context) =>
  (): Promise<VisibleEvent | null> =>
    withLoaders((loaders) => visibleEvent(event, loaders, log, readForEvent));
