import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Parameters in an address whose JSON cannot be read are the client's mistake; Yoga's own parser takes them for ours. */
export function useReadableParameters(): Plugin {
  return {
    onRequestParse({ requestParser, setRequestParser }) {
      if (!requestParser) return;
      setRequestParser(async (request) => {
        try {
          return await requestParser(request);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          throw new GraphQLError('The parameters variables and extensions must hold JSON.', {
            extensions: { code: 'BAD_USER_INPUT', http: { spec: true, status: 400 } },
          });
        }
      });
    },
  };
}
