import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/**
 * JSON that cannot be read is the client's mistake. Yoga's own parsers take it for ours in an address, and quote it to
 * the client in a body, whatever secret it holds.
 */
export function useReadableParameters(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (!requestParser) return;
      setRequestParser(async (request) => {
        try {
          return await requestParser(request);
        } catch (error) {
          if (error instanceof GraphQLError && 'originalError' in error.extensions) {
            throw new GraphQLError(error.message, {
              extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
            });
          }
          if (!(error instanceof SyntaxError)) throw error;
          throw new GraphQLError('The parameters variables and extensions must hold JSON.', {
            extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
          });
        }
      });
    },
  };
}
