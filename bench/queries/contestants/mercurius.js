import Fastify from 'fastify';
import mercurius from 'mercurius';
import { worker } from '../../lib/worker.js';
import { naiveLoads } from '../peers/loads.js';
import { paths } from '../peers/paths.js';
import { resolvers } from '../peers/resolvers.js';
import { typeDefs } from '../peers/type-defs.js';
import { createGet } from '../peers/upstream.js';
import { listOf, toCard } from '../peers/values.js';

/**
 * mercurius with its own loaders and `jit: 1` (mercurius.dev, "Loaders" and "Plugin options"): a loader gets all
 * parents of a field at once; each id is asked for once.
 */
const byId = (idOf, load) => async (queries, context) => {
  const asked = new Map();
  return queries.map(({ obj }) => {
    const id = idOf(obj);
    if (id === null) return null;
    if (!asked.has(id)) asked.set(id, load(context, id));
    return asked.get(id);
  });
};

const together = (loader) => async (queries, context) => Promise.all(await loader(queries, context));

const loaders = {
  Transaction: {
    card: together(
      byId(
        (transaction) => transaction.cardId,
        ({ load }, id) => load.card(id),
      ),
    ),
    account: together(
      byId(
        (transaction) => transaction.accountId,
        ({ load }, id) => load.account(id),
      ),
    ),
  },
  Account: {
    balance: together(
      byId(
        (account) => account.providerId,
        ({ load }, id) => load.balance(id),
      ),
    ),
    async cards(queries, { get }) {
      const cards = (await get(paths.cards)).data.map(toCard);
      return queries.map(({ obj }) => listOf(cards.filter((card) => card.accountId === obj.providerId)));
    },
  },
};

worker({
  async start({ upstream }) {
    const fetchRow = createGet(upstream);
    const app = Fastify();
    const { Transaction: _transaction, Account: _account, ...rest } = resolvers;
    await app.register(mercurius, {
      schema: typeDefs,
      resolvers: rest,
      loaders,
      jit: 1,
      context: ({ headers: { authorization } }) => {
        const get = (path) => fetchRow(path, authorization);
        return { get, load: naiveLoads(get) };
      },
    });
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { url: `http://127.0.0.1:${app.server.address().port}/graphql` };
  },
});
