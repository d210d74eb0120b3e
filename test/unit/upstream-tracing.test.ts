import { trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { expect, onTestFinished, test } from 'vitest';
import { currentTraceId, inSpan, traceWith } from '../../src/lib/span.ts';
import { get, provider, upstreamTo } from './upstream-support.ts';

test('every attempt of a call is sent in the trace of its own caller, also after a wait for its turn', async () => {
  new NodeTracerProvider().register();
  traceWith(trace.getTracer('test'));
  onTestFinished(() => {
    traceWith(null);
    trace.disable();
  });
  const seen = new Map<string, number>();
  const server = await provider(({ url = '' }, response) => {
    const times = (seen.get(url) ?? 0) + 1;
    seen.set(url, times);
    response.writeHead(times === 1 ? 503 : 200).end();
  });
  const upstream = upstreamTo(server.url, { concurrency: 1 });
  const traceIds = await Promise.all(
    ['/first', '/second', '/third'].map((path) =>
      inSpan({ name: path }, async () => {
        await upstream.request(get({ path }));
        return currentTraceId();
      }),
    ),
  );
  expect(new Set(traceIds).size).toBe(3);
  expect(server.requests.map(({ headers }) => headers['traceparent']?.toString().split('-')[1])).toEqual(
    traceIds.flatMap((id) => [id, id]),
  );
});
