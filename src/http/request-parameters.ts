import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { nestsDeeper } from '../lib/nesting.ts';

/** Objects and lists inside each other, of a body or a socket's message. The schema's input objects are three deep. */
export const MAX_JSON_NESTING = 32;

/**
 * JSON that cannot be read is the client's mistake. Yoga's own parsers take it for ours in an address, quote it to the
 * client in a body, whatever secret it holds, and spend half a second on a body that is nested deep.
 */
export function useReadableParameters(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (!requestParser) return;
      setRequestParser(request.method === 'POST' ? readBody : readable(requestParser));
    },
    onParams({ params }) {
      // As in an address: an empty one names no operation.
      if (params.operationName === '') delete params.operationName;
    },
  };
}

const readBody = async (request: Request): Promise<GraphQLParams> => {
  const text = await request.text();
  if (nestsDeeper(text, MAX_JSON_NESTING)) {
    throw mistake(`The body is nested more than ${MAX_JSON_NESTING} deep; no operation needs that.`);
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw mistake('POST body sent invalid JSON.');
  }
  if (typeof body === 'object' && body !== null) return body;
  throw mistake('The body must be a JSON object with a query.');
};

/** An address has no room for what is nested too deep. */
const readable =
  <Result>(parser: (request: Request) => Result) =>
  async (request: Request): Promise<Awaited<Result>> => {
    try {
      return await parser(request);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw mistake('The parameters variables and extensions must hold JSON.', true);
    }
  };

/** @param spec whether a client that takes plain JSON gets 200. */
const mistake = (message: string, spec = false): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { spec, status: 400 } } });
