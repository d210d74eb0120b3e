import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';

/**
 * All that a span may tell. Names are OpenTelemetry's where it has one; values are words of ours and numbers, never a
 * token, a person, an id, a path with ids, or a text of a client or provider.
 */
export interface SpanAttributes {
  readonly 'http.request.method'?: string;
  readonly 'http.route'?: string;
  readonly 'http.response.status_code'?: number;
  readonly 'graphql.operation.type'?: string;
  readonly 'error.type'?: string;
  readonly 'mekong.provider'?: string;
  readonly 'mekong.outcome'?: string;
  /** As in our log and answers. */
  readonly 'mekong.request_id'?: string | undefined;
  readonly 'mekong.events'?: number;
}

export interface SpanOptions {
  readonly name: string;
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer';
  readonly attributes?: SpanAttributes;
  /** W3C `traceparent` of what this is a part of, in the place of the span that the code runs in. */
  readonly parent?: string | undefined;
  /** W3C `traceparent` of what this goes back to without being a part of it: it begins a trace of its own. */
  readonly link?: string | undefined;
}

/** Adds to the span's attributes. */
export type Annotate = (attributes: SpanAttributes) => void;

const KINDS = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};
const nothing: Annotate = () => {};

/** Null while tracing is off: then nothing here costs more than a look at it. */
let tracer: Tracer | null = null;

/** From now on. The OpenTelemetry SDK is registered already (src/app/tracing.ts), or null: off. */
export function traceWith(one: Tracer | null): void {
  tracer = one;
}

export const isTracing = (): boolean => tracer !== null;

/** Runs the work within a span, which ends with it; that it fails is told by the name of the error alone. */
export function inSpan<T>(options: SpanOptions, work: (annotate: Annotate) => Promise<T>): Promise<T> {
  if (!tracer) return work(nothing);
  return runInSpan(tracer, options, work);
}

/** W3C `traceparent` of the span that the code runs in; undefined outside of one, and while tracing is off. */
export function currentTraceparent(): string | undefined {
  if (!tracer) return undefined;
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

/** Of the span that the code runs in. */
export const currentTraceId = (): string | undefined =>
  tracer ? trace.getActiveSpan()?.spanContext().traceId : undefined;

/** The function, which runs in the span that the code is in now, wherever it is called from. */
export const inThisSpan = <Told extends unknown[]>(
  work: (...told: Told) => void,
): ((...told: Told) => void) => (tracer ? context.bind(context.active(), work) : work);

function runInSpan<T>(
  using: Tracer,
  { name, kind, attributes = {}, parent, link }: SpanOptions,
  work: (annotate: Annotate) => Promise<T>,
): Promise<T> {
  const linked = link === undefined ? undefined : trace.getSpanContext(contextOf(link));
  const options = {
    attributes: { ...attributes },
    ...(kind && { kind: KINDS[kind] }),
    ...(linked && { links: [{ context: linked }] }),
  };
  const from = parent === undefined && !linked ? context.active() : contextOf(parent);
  return using.startActiveSpan(name, options, from, async (span) => {
    try {
      return await work((more) => span.setAttributes({ ...more }));
    } catch (error) {
      span.setAttributes({ 'error.type': error instanceof Error ? error.name : typeof error });
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Of `traceparent` alone: `tracestate` and `baggage` hold what others chose to write there. */
const contextOf = (traceparent: string | undefined): Context =>
  propagation.extract(ROOT_CONTEXT, traceparent === undefined ? {} : { traceparent });
