import { METHODS } from 'node:http';
import { type ExecutionArgs, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { inSpan, isTracing, type SpanOptions } from '../lib/span.ts';
import type { OperationContext, ServerContext } from './context.ts';
import type { Handler } from './server.ts';

const KNOWN_METHODS: ReadonlySet<string> = new Set(METHODS);

/** A route whose requests are spans, in the trace that their `traceparent` names (W3C Trace Context). */
export const traced =
  (route: string, handler: Handler): Handler =>
  (request, response, requestId) => {
    if (!isTracing()) return handler(request, response, requestId);
    const method = KNOWN_METHODS.has(request.method ?? '') ? String(request.method) : '_OTHER';
    const parent = request.headers['traceparent'];
    return inSpan(
      {
        name: `${method} ${route}`,
        kind: 'server',
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'mekong.request_id': requestId,
        },
        ...(typeof parent === 'string' && { parent }),
      },
      async (annotate) => {
        await handler(request, response, requestId);
        annotate({ 'http.response.status_code': response.statusCode });
      },
    );
  };

/** Each operation is a span: within that of its request, or a trace of its own over a socket. */
export function useOperationSpans(): Plugin<OperationContext & ServerContext> {
  return {
    onExecute({ executeFn, setExecuteFn, args }) {
      if (isTracing()) setExecuteFn((given) => inSpan(operation(args), async () => executeFn(given)));
    },
    onSubscribe({ subscribeFn, setSubscribeFn, args }) {
      if (isTracing()) setSubscribeFn((given) => inSpan(operation(args), async () => subscribeFn(given)));
    },
  };
}

function operation({ document, operationName, contextValue }: ExecutionArgs): SpanOptions {
  const type = getOperationAST(document, operationName)?.operation ?? 'unknown';
  const attributes = {
    'graphql.operation.type': type,
    'mekong.request_id': (contextValue as OperationContext).requestId,
  };
  return { name: `graphql ${type}`, attributes };
}
