import { type DocumentNode, getOperationAST, Kind } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { mistake } from './request-body.ts';

/** JSON in an address that cannot be read is the client's mistake; Yoga takes it for ours. A body was read before. */
export function useReadableParameters(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (requestParser && request.method === 'GET') setRequestParser(readable(requestParser));
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
