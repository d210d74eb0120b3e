import { type DocumentNode, GraphQLError, getOperationAST, Kind } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { nestsDeeper } from '../lib/nesting.ts';
import { MAX_JSON_NESTING, REFUSALS } from './refusals.ts';

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

/** Says which operation is missing: Yoga's words, and those of the protocol of sockets, leave it open. */
export function useNamedOperation(): Plugin<{ readonly params?: GraphQLParams }> {
  return {
    onParse:
      ({ context: { params } }) =>
      ({ result }) => {
        if (result === null || result instanceof Error) return;
        const document: DocumentNode = result;
        if (!getOperationAST(document, params?.operationName)) {
          throw mistake(whatIsMissing(document, params?.operationName));
        }
      },
  };
}

function whatIsMissing({ definitions }: DocumentNode, operationName: string | null | undefined): string {
  if (!definitions.some(({ kind }) => kind === Kind.OPERATION_DEFINITION)) {
    return 'The document has no operation. Send a query, a mutation or a subscription in it.';
  }
  return operationName
    ? 'The document has no operation of this operationName. Send the name of one that it has.'
    : 'The document has several operations. Send the name of one of them as operationName.';
}

/** What is no UTF-8 is no JSON (RFC 8259 §8.1), and would be read as another text. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

const readBody = async (request: Request): Promise<GraphQLParams> => {
  const bytes = await request.arrayBuffer();
  let body: unknown;
  try {
    const text = UTF8.decode(bytes);
    if (nestsDeeper(text, MAX_JSON_NESTING)) throw mistake(REFUSALS.tooDeep.message);
    body = JSON.parse(text);
  } catch (error) {
    throw error instanceof GraphQLError ? error : mistake(REFUSALS.brokenJson.message);
  }
  if (typeof body === 'object' && body !== null) return body;
  throw mistake(REFUSALS.noObject.message);
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
