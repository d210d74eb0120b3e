import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  getNullableType,
  getVariableValues,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionNode,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import type { Price, PricedArguments } from '../../schema/price.ts';
import { isIncluded } from '../../schema/selection.ts';

/** A request to a provider, in points. An object of the answer is one point. */
export const POINTS_PER_CALL = 10;
/** A list of the schema's own description, in points: how long it is does not depend on any argument. */
const POINTS_PER_INTROSPECTION_LIST = 20;
/** Fields of one operation, those of a fragment counted wherever it is spread. */
export const MAX_FIELDS = 5_000;

export interface PricedOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * What an operation may cost at worst, in points, without running it: fields are put together as the executor does it,
 * so what is selected twice in one place counts once. Of fragments on different types all count, whichever the rows
 * turn out to be.
 * @returns null when the operation has more than `MAX_FIELDS` fields: counting stops there, so fragments that spread
 *   others twice cost no time.
 */
export function operationPrice({ schema, operation, fragments, variables }: PricedOperation): number | null {
  const values = variableValues(schema, operation, variables);
  let fields = 0;

  function ofSelection(parent: GraphQLNamedType, sets: readonly SelectionSetNode[], place: Place): number {
    const groups = new Map<string, Group>();
    const spread = new Set<string>();
    for (const set of sets) collect(parent, set, groups, spread);
    let points = 0;
    for (const group of groups.values()) {
      fields += 1;
      if (fields > MAX_FIELDS) throw TOO_MANY;
      points += ofField(group, place);
    }
    return points;
  }

  function collect(
    parent: GraphQLNamedType,
    { selections }: SelectionSetNode,
    groups: Map<string, Group>,
    spread: Set<string>,
  ): void {
    for (const selection of selections) {
      if (isLeftOut(selection, values)) continue;
      if (selection.kind === Kind.FIELD) {
        const key = `${parent.name}.${selection.alias?.value ?? selection.name.value}`;
        const group = groups.get(key);
        if (group) group.nodes.push(selection);
        else groups.set(key, { parent, nodes: [selection] });
        continue;
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (spread.has(selection.name.value)) continue;
        spread.add(selection.name.value);
      }
      const fragment =
        selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (!fragment) continue;
      const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
      collect(condition ?? parent, fragment.selectionSet, groups, spread);
    }
  }

  function ofField({ parent, nodes }: Group, place: Place): number {
    const [node] = nodes;
    const field = node && fieldOf(schema, parent, node.name.value);
    if (!field) return 0;
    const price = field.extensions['price'] as Price | undefined;
    const args = price ? argumentsOf(field, node, values) : {};
    const calls = place.times * (price?.calls?.(args) ?? 0) + (price?.sharedCalls ?? 0);
    const type = getNamedType(field.type);
    let points = calls * POINTS_PER_CALL;
    if (isLeafType(type)) return points;

    const rows = price?.rows?.(args);
    let { times } = place;
    let below = 1;
    if (isListType(getNullableType(field.type))) {
      if (isIntrospectionType(type)) points += POINTS_PER_INTROSPECTION_LIST;
      times *= rows ?? place.rows;
    } else below = rows ?? 1;
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    return points + times + ofSelection(type, sets, { times, rows: below });
  }

  const root = schema.getRootType(operation.operation);
  if (!root) return 0;
  try {
    return ofSelection(root, [operation.selectionSet], { times: 1, rows: 1 });
  } catch (error) {
    if (error === TOO_MANY) return null;
    throw error;
  }
}

/** Where fields stand: how many objects have them, and how many rows a list among them has. */
interface Place {
  readonly times: number;
  readonly rows: number;
}

/** Fields of one type that the executor resolves together. */
interface Group {
  readonly parent: GraphQLNamedType;
  readonly nodes: FieldNode[];
}

const TOO_MANY = new Error('too many fields');

/** Variables that cannot be read make the executor refuse the operation: without them it has a price all the same. */
function variableValues(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return getVariableValues(schema, variableDefinitions, given, { maxErrors: 1 }).coerced ?? {};
}

/** A directive that cannot be read makes the executor refuse the operation: its selection has a price all the same. */
function isLeftOut(selection: SelectionNode, variables: Record<string, unknown>): boolean {
  try {
    return !isIncluded(selection, variables);
  } catch {
    return false;
  }
}

function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Record<string, unknown>,
): PricedArguments {
  try {
    return getArgumentValues(field, node, variables);
  } catch {
    // The executor finds the same when the field's turn comes, and does not resolve it.
    return {};
  }
}

function fieldOf(
  schema: GraphQLSchema,
  parent: GraphQLNamedType,
  name: string,
): GraphQLField<unknown, unknown> | undefined {
  if (name === SchemaMetaFieldDef.name && parent === schema.getQueryType()) return SchemaMetaFieldDef;
  if (name === TypeMetaFieldDef.name && parent === schema.getQueryType()) return TypeMetaFieldDef;
  return isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
}
