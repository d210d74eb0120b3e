import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { OperationTypeNode } from 'graphql';
import types from '../gql/possible-types.ts';
import { endsSession, problemOf } from './problem.ts';
import { session } from './session.ts';
import { createSocket, type Socket } from './socket.ts';

export interface Api {
  readonly client: ApolloClient;
  readonly socket: Socket;
}

const URL_OF_API = new URL(import.meta.env['VITE_API_URL'] ?? '/graphql', location.href);

/**
 * The API as one session sees it, with a cache of its own: what one person saw never shows to the next.
 * @param token null may only log in.
 */
export function createApi(token: string | null): Api {
  const socket = createSocket(URL_OF_API.href.replace(/^http/, 'ws'), token, session.end);
  const http = new HttpLink({
    uri: URL_OF_API.href,
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  const leaveWhenOver = new ErrorLink(({ error }) => {
    if (token !== null && endsSession(problemOf(error))) session.end();
  });
  const transport = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket.client),
    http,
  );
  const cache = new InMemoryCache({
    possibleTypes: types.possibleTypes,
    typePolicies: { Query: { fields: { activity: relayStylePagination() } } },
  });
  return { client: new ApolloClient({ cache, link: ApolloLink.from([leaveWhenOver, transport]) }), socket };
}
