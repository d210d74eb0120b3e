import { setMaxListeners } from 'node:events';
import { createServer } from 'node:http';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { worker } from '../../lib/worker.js';
import { scalars } from '../../queries/peers/values.js';
import { accountNumber, BANK_ACCOUNTS } from '../../upstream/casso.js';
import { eventOf } from '../subscription.js';

/**
 * graphql-yoga with graphql-ws and its own createPubSub, as the-guild.dev/graphql/yoga-server/docs/features/subscriptions
 * has it: a topic for each account and one for all.
 */
const typeDefs = /* GraphQL */ `
  scalar DateTime
  scalar SafeInt
  scalar CurrencyCode
  enum MoneyDirection { CREDIT DEBIT }
  type Query { hello: String }
  input BankTransactionEventFilter { bankAccountId: ID }
  type Subscription { bankTransactionEvents(filter: BankTransactionEventFilter): BankTransactionEvent! }
  type BankTransactionEvent { cursor: String! type: String! bankTransaction: BankTransaction }
  type Money { minorUnits: SafeInt! currency: CurrencyCode! }
  type Counterparty { name: String accountNumber: String }
  type BankTransaction {
    providerId: ID!
    description: String
    direction: MoneyDirection!
    occurredAt: DateTime!
    amount: Money!
    counterparty: Counterparty
  }
`;

const eventTarget = new EventTarget();
setMaxListeners(0, eventTarget);
const pubSub = createPubSub({ eventTarget });
const { PhoneNumber: _unused, ...used } = scalars;

worker({
  start: () =>
    new Promise((resolve) => {
      const yoga = createYoga({
        logging: false,
        schema: createSchema({
          typeDefs,
          resolvers: {
            ...used,
            Subscription: {
              bankTransactionEvents: {
                subscribe: (_root, { filter }) => pubSub.subscribe(`news:${filter?.bankAccountId ?? 'all'}`),
                resolve: (event) => event,
              },
            },
          },
        }),
      });
      const server = createServer(async (request, response) => {
        if (request.url !== '/webhook') return yoga(request, response);
        let text = '';
        for await (const chunk of request) text += chunk;
        for (const row of JSON.parse(text).data) {
          const event = eventOf(row);
          pubSub.publish(`news:${row.bank_sub_acc_id}`, event);
          pubSub.publish('news:all', event);
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true}');
      });
      useServer(
        {
          execute: (args) => args.rootValue.execute(args),
          subscribe: (args) => args.rootValue.subscribe(args),
          onSubscribe: async (context, _id, params) => {
            const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
              ...context,
              req: context.extra.request,
              socket: context.extra.socket,
              params,
            });
            const args = {
              schema,
              operationName: params.operationName,
              document: parse(params.query),
              variableValues: params.variables,
              contextValue: await contextFactory(),
              rootValue: { execute, subscribe },
            };
            const errors = validate(args.schema, args.document);
            return errors.length > 0 ? errors : args;
          },
        },
        new WebSocketServer({ server, path: '/graphql' }),
      );
      // One that is busy for longer than Node's 5 s would cut the sender off in the middle of its next delivery.
      server.keepAliveTimeout = 600_000;
      server.listen(0, '127.0.0.1', () => {
        const { port } = server.address();
        const accounts = Array.from({ length: BANK_ACCOUNTS }, (_, n) => accountNumber(n));
        resolve({ url: `http://127.0.0.1:${port}/webhook`, port, tokens: ['anybody'], accounts });
      });
    }),
});
