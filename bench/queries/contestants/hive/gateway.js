import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import restTransport from '@graphql-mesh/transport-rest';
import { worker } from '../../../lib/worker.js';
import { composeSupergraph } from './supergraph.js';

/**
 * Hive Gateway on node:http over the supergraph that Mesh composed from the REST API. It answers in the API's own
 * vocabulary: see `dialects.js` for how its operations and answers are compared with the others'.
 */
worker({
  async start({ upstream }) {
    const gateway = createGatewayRuntime({
      supergraph: await composeSupergraph(upstream),
      transports: { rest: restTransport },
      logging: 'error',
      landingPage: false,
      graphiql: false,
    });
    const server = createServer(gateway);
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () =>
        resolve({ url: `http://127.0.0.1:${server.address().port}/graphql` }),
      );
    });
  },
});
