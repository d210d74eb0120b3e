import {
  type ExecutionArgs,
  type FragmentDefinitionNode,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql';
import { type OperationPrice, operationPrice } from './operation-price.ts';

/** Of one operation, by what its variables hold. A client that asks for more different ones waits for each to be found out. */
const MOST_KEPT = 200;

/** What an operation may cost at worst; null: it has too many fields. An operation that it does not know costs nothing. */
export type PriceOf = (args: ExecutionArgs) => OperationPrice | null;

const NOTHING: OperationPrice = { calls: 0, points: 0 };

/** Keeps prices with the documents that Yoga keeps parsed: the same operation comes again with the same few page sizes. */
export function keptPrices(): PriceOf {
  const known = new WeakMap<OperationDefinitionNode, Map<string, OperationPrice | null>>();
  return (args) => {
    const { document, operationName, variableValues } = args;
    const operation = getOperationAST(document, operationName);
    if (!operation) return NOTHING;
    const key = keyOf(operation, variableValues ?? {});
    if (key === null) return price(args, operation);
    let prices = known.get(operation);
    if (!prices) known.set(operation, (prices = new Map()));
    const kept = prices.get(key);
    if (kept !== undefined) return kept;
    const found = price(args, operation);
    if (prices.size < MOST_KEPT) prices.set(key, found);
    return found;
  };
}

function price(
  { schema, document, variableValues }: ExecutionArgs,
  operation: OperationDefinitionNode,
): OperationPrice | null {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return operationPrice({ schema, operation, fragments, variables: variableValues ?? {} });
}

/**
 * What a price depends on: of numbers and Booleans their value, of a text whether it is there (a cursor is looked up, an
 * id narrows a list).
 * @returns null for variables of other types, and for values that these types do not have.
 */
function keyOf(
  { variableDefinitions = [] }: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
): string | null {
  let key = '';
  for (const { variable, type } of variableDefinitions) {
    const part = partOf(nameOf(type), values[variable.name.value]);
    if (part === null) return null;
    key += `${part},`;
  }
  return key;
}

function partOf(type: string | null, value: unknown): string | null {
  if (type === null) return null;
  if (value === undefined || value === null) return String(value);
  if (type === 'Int') return typeof value === 'number' ? String(value) : null;
  if (type === 'Boolean') return typeof value === 'boolean' ? String(value) : null;
  if (type !== 'String' && type !== 'ID') return null;
  if (typeof value !== 'string') return null;
  return value === '' ? 'empty' : 'text';
}

/** Null for a list. */
function nameOf(type: TypeNode): string | null {
  if (type.kind === Kind.NON_NULL_TYPE) return nameOf(type.type);
  return type.kind === Kind.NAMED_TYPE ? type.name.value : null;
}
