import type { LogEvent } from '../../events/log.ts';
import type { SpanOptions } from '../../lib/span.ts';

/**
 * The span of giving an event to a subscriber. What is told at once belongs to the webhook's trace; what is caught up on
 * later begins one, and goes back to it.
 */
export const delivery = ({ provider, traceparent }: LogEvent, isLive: boolean): SpanOptions => ({
  name: 'deliver',
  kind: 'consumer',
  attributes: { 'mekong.provider': provider },
  ...(isLive ? { parent: traceparent } : { link: traceparent }),
});
