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

/** A request to a provider, in points. */
const POINTS_PER_CALL = 10;
/** Objects and scalars of the answer that are one point: what they cost is our own time. */
const VALUES_PER_POINT = 50;
/** Of a list of the schema's own description: how long it is does not depend on any argument. */
const VALUES_OF_INTROSPECTION_LIST = 1_000;
/** Of two lists, one of each provider: of several things that are looked for at once, the newest rows are asked for first. */
const LOOK_UP_CALLS = 2;
/** Fields of one operation, those of a fragment counted wherever it is spread. */
export const MAX_FIELDS = 5_000;

export interface PricedOperation {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What an operation may cost at worst. */
export interface OperationPrice {
  /** Requests to providers. */
  readonly calls: number;
  /** All in all. */
  readonly points: number;
}

/**
 * What an operation may cost at worst, without running it: fields are put together as the executor does it,
 * so what is selected twice in one place counts once. Of fragments on different types all count, whichever the rows
 * turn out to be.
 * @returns null when the operation has more than `MAX_FIELDS` fields: counting stops there, so fragments that spread
 *   others twice cost no time.
 */
export function operationPrice({
  schema,
  operation,
  fragments,
  variables,
}: PricedOperation): OperationPrice | null {
  const given = variableValues(schema, operation, variables);
  let fields = 0;
  let calls = 0;
  let values = 0;
  let lookUps = 0;

  function addSelection(parent: GraphQLNamedType, sets: readonly SelectionSetNode[], place: Place): void {
    const groups = new Map<string, Group>();
    const spread = new Set<string>();
    for (const set of sets) collect(parent, set, groups, spread);
    for (const group of groups.values()) {
      fields += 1;
      if (fields > MAX_FIELDS) throw TOO_MANY;
      addField(group, place);
    }
  }

  function collect(
    parent: GraphQLNamedType,
    { selections }: SelectionSetNode,
    groups: Map<string, Group>,
    spread: Set<string>,
  ): void {
    for (const selection of selections) {
      if (isLeftOut(selection, given)) continue;
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

  function addField({ parent, nodes }: Group, place: Place): void {
    const [node] = nodes;
    const field = node && fieldOf(schema, parent, node.name.value);
    if (!field) return;
    const price = field.extensions['price'] as Price | undefined;
    const args = price ? argumentsOf(field, node, given) : {};
    const own = price?.calls?.(args) ?? 0;
    calls += place.times * own;
    if (price?.isShared) calls += Math.min(place.times, place.turns, SHARED_CALLS);
    lookUps += place.times * (price?.lookUps?.(args) ?? 0);
    const type = getNamedType(field.type);
    if (isLeafType(type)) {
      values += place.times * (price?.work ?? 1);
      return;
    }

    const rows = price?.rows?.(args);
    let { times } = place;
    let below = 1;
    if (isListType(getNullableType(field.type))) {
      if (isIntrospectionType(type)) values += VALUES_OF_INTROSPECTION_LIST;
      times *= rows ?? place.rows;
    } else below = rows ?? 1;
    values += times;
    let { turns } = place;
    if (own > 0) turns = place.times;
    else if (price?.isShared) turns = Math.max(turns, SHARED_CALLS);
    const sets = nodes.flatMap(({ selectionSet }) => selectionSet ?? []);
    addSelection(type, sets, { times, rows: below, turns });
  }

  const root = schema.getRootType(operation.operation);
  try {
    if (root) addSelection(root, [operation.selectionSet], { times: 1, rows: 1, turns: 1 });
  } catch (error) {
    if (error === TOO_MANY) return null;
    throw error;
  }
  if (lookUps > 1) calls += LOOK_UP_CALLS;
  return { calls, points: calls * POINTS_PER_CALL + Math.ceil(values / VALUES_PER_POINT) };
}

/**
 * Of what is looked up for all rows together. Rows that come at once are one request; those of different pages come one
 * page after the other, and of these the first may be looked up by itself and the others in the list (`findInList`).
 */
const SHARED_CALLS = 2;

/** Where fields stand. */
interface Place {
  /** How many objects have them. */
  readonly times: number;
  /** How many rows a list among them has. */
  readonly rows: number;
  /** At how many moments these objects may come: those of one page come at once. */
  readonly turns: number;
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
