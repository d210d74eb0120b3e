import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionResult, GraphQLError } from 'graphql';
import { operationContext } from './context.ts';
import type { GraphQLOptions, GraphQLServer } from './graphql.ts';
import { withoutStatus } from './live/payload.ts';
import { type Opened, type OpenedContext, open } from './opened.ts';
import { preparedOperation } from './prepared.ts';
import { STREAM_TYPE } from './refusals.ts';
import { onResponseEnd } from './response-end.ts';
import type { Handler } from './server.ts';

/**
 * Requests that the guard lets through. Yoga answers them. A POST whose document is prepared leaves out what Yoga does
 * around the execution (Request and Response, parsing, validation, choosing a media type): Yoga's own `execute` runs it,
 * with every plugin's checks, and one write answers it. Where there is no data in the result, Yoga says so.
 */
export function graphqlRoute(graphql: GraphQLServer, options: GraphQLOptions): Handler {
  const { sources, prepared, trustedDocuments } = options;
  const { schema, execute } = graphql.getEnveloped({});

  return async (request, response, requestId) => {
    const toYoga = async (known: Partial<OpenedContext>): Promise<void> =>
      graphql.handle(request, response, { requestId, ...known });
    let opened: Opened | null;
    try {
      opened = await open(request, requestId, options);
    } catch (refusal) {
      return toYoga({ refusal: refusal as GraphQLError });
    }
    if (!opened) return;
    const { asker, parameters } = opened;
    const type = typeOf(request);
    const operation = type && parameters && preparedOperation(prepared, trustedDocuments, parameters);
    if (!operation) return toYoga(opened);

    const contextValue = operationContext({ req: request, res: response }, sources, asker, requestId);
    onResponseEnd(response, () => contextValue.end(null));
    const result: ExecutionResult = await execute({ schema, ...operation, contextValue });
    if (!('data' in result)) return toYoga({ ...opened, result });
    send(response, type, result);
  };
}

/** The type that Yoga would answer in, of those that the guard has left; undefined where only a stream is accepted. */
const typeOf = ({ headers }: IncomingMessage): string | undefined =>
  headers.accept?.split(', ').find((type) => type !== STREAM_TYPE);

function send(response: ServerResponse, type: string, result: ExecutionResult): void {
  if (response.destroyed) return;
  const { errors } = result;
  const body = JSON.stringify(errors ? { ...result, errors: errors.map(withoutStatus) } : result);
  response
    .writeHead(200, {
      'Content-Type': `${type}; charset=utf-8`,
      'content-length': Buffer.byteLength(body),
    })
    .end(body);
}
