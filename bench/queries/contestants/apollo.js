import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { worker } from '../../lib/worker.js';
import { paths } from '../peers/paths.js';
import { resolvers } from '../peers/resolvers.js';
import { typeDefs } from '../peers/type-defs.js';
import { listOf, toAccount, toBalance, toCard } from '../peers/values.js';

/**
 * Apollo Server with @apollo/datasource-rest, as apollographql.com/docs/apollo-server/data/fetching-rest has it: a data
 * source a request, which asks for the same URL once.
 */
class ConnectAPI extends RESTDataSource {
  constructor({ baseURL, authorization, cache }) {
    super({ cache });
    this.baseURL = baseURL;
    this.authorization = authorization;
  }

  willSendRequest(_path, request) {
    request.headers.authorization = this.authorization;
    request.headers.accept = 'application/vnd.api+json';
  }

  // The media type is not application/json: without this the body stays text.
  async parseBody(response) {
    return response.json();
  }

  card = async (id) => toCard((await this.get(paths.card(id))).data);
  account = async (id) => toAccount((await this.get(paths.account(id))).data);
  balance = async (id) => toBalance((await this.get(paths.balance(id))).data);
  cardsOf = async (accountId) => {
    const { data } = await this.get(paths.cards);
    return listOf(data.map(toCard).filter((card) => card.accountId === accountId));
  };
}

worker({
  async start({ upstream }) {
    const server = new ApolloServer({ typeDefs, resolvers });
    const { url } = await startStandaloneServer(server, {
      listen: { port: 0, host: '127.0.0.1' },
      context: async ({ req }) => {
        const { authorization } = req.headers;
        const load = new ConnectAPI({ baseURL: upstream, authorization, cache: server.cache });
        return { get: (path) => load.get(path), load };
      },
    });
    return { url };
  },
});
