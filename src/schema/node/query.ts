import { decodeGlobalId, type GlobalId, type NodeType } from '../../domain/global-id.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { byId, type PricedArguments, price } from '../price.ts';

type Fetch = (id: string, context: Context) => Promise<object | null>;

/** How each type is fetched by its id; each asks for the same right as the root field of that type. */
const FETCH: Readonly<Record<NodeType, Fetch>> = {
  CardIssuer: async (id, { loaders }) => ifIdIs(id, await loaders.bongloy().cardIssuer()),
  Cardholder: async (id, { loaders }) => ifIdIs(id, await loaders.bongloy().cardholder()),
  Account: (id, { loaders }) => loaders.bongloy().account.load(id),
  Card: (id, { loaders }) => loaders.bongloy().card.load(id),
  Transaction: (id, { loaders }) => loaders.bongloy().transaction.load(id),
  BankAccount: (id, { loaders }) => loaders.casso().bankAccount(id),
  BankTransaction: (id, { loaders }) => loaders.casso().bankTransaction.load(id),
};

const BONGLOY_TYPES: ReadonlySet<NodeType> = new Set([
  'CardIssuer',
  'Cardholder',
  'Account',
  'Card',
  'Transaction',
]);

const ifIdIs = <T extends { readonly id: string }>(id: string, value: T): T | null =>
  value.id === id ? value : null;

async function fetchNode({ type, id }: GlobalId, context: Context): Promise<object | null> {
  if (BONGLOY_TYPES.has(type)) context.access.bongloy();
  else context.access.casso('casso:read');
  const node = await FETCH[type](id, context);
  // The value may be shared with other operations, and its members may be accessors: the tag lies in an object above it.
  return node && Object.create(node, { __typename: { value: type } });
}

const idCount = ({ ids = [] }: PricedArguments) => ids.length;

builder.queryFields((t) => ({
  node: t.field({
    extensions: byId,
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: "Anything by its id; null when it does not exist or is somebody else's. One upstream call.",
    skipTypeScopes: true,
    authScopes: { somebody: true },
    args: { id: t.arg.id({ required: true, description: 'An id that this API gave.' }) },
    resolve: (_root, { id }, context) => fetchNode(decodeGlobalId(id, 'id'), context),
  }),
  nodes: t.field({
    extensions: price({ calls: idCount, rows: idCount, lookUps: idCount }),
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'Several things by their ids, in the order of the ids, with null for what is not there.',
    skipTypeScopes: true,
    authScopes: { somebody: true },
    args: { ids: t.arg.idList({ required: true, description: 'Ids that this API gave.' }) },
    resolve: (_root, { ids }, context) => {
      const decoded = ids.map((id) => decodeGlobalId(id, 'ids'));
      return decoded.map((id) => fetchNode(id, context));
    },
  }),
}));
