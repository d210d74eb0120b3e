import { getComposedSchemaFromConfig } from '@graphql-mesh/compose-cli';
import { loadJSONSchemaSubgraph } from '@omnigraph/json-schema';
import { rowsOf } from '../../../upstream/rows.js';

/**
 * The REST API as Mesh's JSON Schema handler takes it in: its documents by sample, its relations by @resolveTo
 * (the-guild.dev/graphql/mesh/v1). @returns the supergraph's SDL.
 */
export function composeSupergraph(endpoint) {
  const rows = rowsOf(0);
  // A settled one: the sample says what may be there.
  const [, transaction] = rows.transactions;
  const links = { prev: '', next: '' };
  const id = { id: { type: 'string', nullable: false } };
  const read = (field, path, responseSample, responseTypeName, argTypeMap = {}) => ({
    type: 'Query',
    method: 'GET',
    field,
    path: `/connect/v1/${path}`,
    responseSample,
    responseTypeName,
    argTypeMap,
  });
  const list = (name, sample, type) =>
    read(
      name,
      `${name}?page%5Bsize%5D={args.size}&page%5Bafter%5D={args.after}`,
      { data: [sample], links },
      type,
      { size: { type: 'integer' }, after: { type: 'string' } },
    );
  return getComposedSchemaFromConfig(
    {
      subgraphs: [
        {
          sourceHandler: loadJSONSchemaSubgraph('Connect', {
            endpoint,
            operationHeaders: {
              accept: 'application/vnd.api+json',
              authorization: '{context.headers.authorization}',
            },
            operations: [
              list('transactions', transaction, 'TransactionList'),
              list('accounts', rows.accounts[0], 'AccountList'),
              list('cards', rows.cards[0], 'CardList'),
              read('card', 'cards/{args.id}', { data: rows.cards[0] }, 'CardDocument', id),
              read('account', 'accounts/{args.id}', { data: rows.accounts[0] }, 'AccountDocument', id),
              read(
                'balance',
                'accounts/{args.id}/balance',
                { data: rows.balances[0] },
                'BalanceDocument',
                id,
              ),
              read('card_issuer', 'card_issuer', { data: rows.issuer }, 'IssuerDocument'),
              read('cardholder', 'cardholder', { data: rows.cardholder }, 'CardholderDocument'),
            ],
          }),
        },
      ],
      additionalTypeDefs: /* GraphQL */ `
        extend type query_transactions_data_items {
          card: CardDocument
            @resolveTo(
              sourceName: "Connect"
              sourceTypeName: "Query"
              sourceFieldName: "card"
              requiredSelectionSet: "{ relationships { card { data { id } } } }"
              sourceArgs: { id: "{root.relationships.card.data.id}" }
            )
          account: AccountDocument
            @resolveTo(
              sourceName: "Connect"
              sourceTypeName: "Query"
              sourceFieldName: "account"
              requiredSelectionSet: "{ relationships { account { data { id } } } }"
              sourceArgs: { id: "{root.relationships.account.data.id}" }
            )
        }
        extend type AccountDocument {
          balance: BalanceDocument
            @resolveTo(
              sourceName: "Connect"
              sourceTypeName: "Query"
              sourceFieldName: "balance"
              requiredSelectionSet: "{ data { id } }"
              sourceArgs: { id: "{root.data.id}" }
            )
        }
        extend type query_accounts_data_items {
          balance: BalanceDocument
            @resolveTo(
              sourceName: "Connect"
              sourceTypeName: "Query"
              sourceFieldName: "balance"
              requiredSelectionSet: "{ id }"
              sourceArgs: { id: "{root.id}" }
            )
          cards: CardList
            @resolveTo(
              sourceName: "Connect"
              sourceTypeName: "Query"
              sourceFieldName: "cards"
              requiredSelectionSet: "{ id }"
              sourceArgs: { size: "100" }
            )
        }
      `,
    },
    QUIET,
  );
}

const QUIET = {
  debug() {},
  info() {},
  log() {},
  warn() {},
  error: (...what) => process.stderr.write(`${what.join(' ')}\n`),
  child: () => QUIET,
};
