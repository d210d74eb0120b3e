import { createServer } from 'node:http';
import { useGraphQlJit } from '@envelop/graphql-jit';
import { createSchema, createYoga } from 'graphql-yoga';
import { worker } from '../../lib/worker.js';
import { dataLoaders, naiveLoads } from '../peers/loads.js';
import { resolvers } from '../peers/resolvers.js';
import { typeDefs } from '../peers/type-defs.js';
import { createGet } from '../peers/upstream.js';

/**
 * graphql-yoga on node:http (the-guild.dev/graphql/yoga-server/docs), resolvers over undici: `dataloader` with
 * DataLoader a request and Envelop's JIT plugin; `naive` with neither.
 */
worker({
  start: ({ upstream, flavour }) =>
    new Promise((resolve) => {
      const fetchRow = createGet(upstream);
      const loads = flavour === 'naive' ? naiveLoads : dataLoaders;
      const yoga = createYoga({
        schema: createSchema({ typeDefs, resolvers }),
        graphiql: false,
        landingPage: false,
        logging: false,
        plugins: flavour === 'naive' ? [] : [useGraphQlJit()],
        context: ({ request }) => {
          const authorization = request.headers.get('authorization');
          const get = (path) => fetchRow(path, authorization);
          return { get, load: loads(get) };
        },
      });
      const server = createServer(yoga);
      server.listen(0, '127.0.0.1', () =>
        resolve({ url: `http://127.0.0.1:${server.address().port}/graphql` }),
      );
    }),
});
