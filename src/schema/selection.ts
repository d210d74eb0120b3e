import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/** By operation (its variables are an object of its own) and place: the rows of a list are all asked for the same. */
const known = new WeakMap<object, WeakMap<readonly FieldNode[], ReadonlySet<string>>>();

/**
 * The names of the fields that this operation asks of what the current field returns, through fragments, with
 * `@skip` and `@include` applied. Look-ahead: what is selected under a node decides which calls it needs.
 */
export function selectedFields(info: GraphQLResolveInfo): ReadonlySet<string> {
  const { variableValues, fieldNodes } = info;
  let ofOperation = known.get(variableValues);
  if (!ofOperation) known.set(variableValues, (ofOperation = new WeakMap()));
  let names = ofOperation.get(fieldNodes);
  if (!names) ofOperation.set(fieldNodes, (names = collectAll(info)));
  return names;
}

/** Whether nothing but `names` (and `__typename`) is asked. */
export function selectsOnly(info: GraphQLResolveInfo, names: ReadonlySet<string>): boolean {
  for (const name of selectedFields(info)) {
    if (name !== '__typename' && !names.has(name)) return false;
  }
  return true;
}

function collectAll(info: GraphQLResolveInfo): ReadonlySet<string> {
  return namesOf(fieldsIn(info.fieldNodes, info));
}

/** The same further down, of the fields at the end of any of these paths. A name in a path is one of the schema. */
export function selectedBelow(
  info: GraphQLResolveInfo,
  ...paths: readonly (readonly string[])[]
): ReadonlySet<string> {
  const ends = paths.flatMap((path) =>
    path.reduce<readonly FieldNode[]>(
      (fields, step) => fieldsIn(fields, info).filter(({ name }) => name.value === step),
      info.fieldNodes,
    ),
  );
  return namesOf(fieldsIn(ends, info));
}

const namesOf = (fields: readonly FieldNode[]): ReadonlySet<string> =>
  new Set(fields.map(({ name }) => name.value));

/** The fields that are selected under these. */
function fieldsIn(parents: readonly FieldNode[], info: GraphQLResolveInfo): readonly FieldNode[] {
  const fields: FieldNode[] = [];
  const spread = new Set<string>();
  for (const { selectionSet } of parents) collect(selectionSet, info, fields, spread);
  return fields;
}

/** @param spread the fragments that were followed: once is enough, however often others spread them. */
function collect(
  set: SelectionSetNode | undefined,
  info: GraphQLResolveInfo,
  fields: FieldNode[],
  spread: Set<string>,
): void {
  for (const selection of set?.selections ?? []) {
    if (!isIncluded(selection, info.variableValues)) continue;
    if (selection.kind === Kind.FIELD) fields.push(selection);
    else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, info, fields, spread);
    else if (!spread.has(selection.name.value)) {
      spread.add(selection.name.value);
      collect(info.fragments[selection.name.value]?.selectionSet, info, fields, spread);
    }
  }
}

/** Whether neither `@skip` nor `@include` leaves the selection out. */
export function isIncluded(
  { directives }: Pick<FieldNode, 'directives'>,
  variables: Readonly<Record<string, unknown>>,
): boolean {
  if (!directives?.length) return true;
  const node = { directives };
  if (getDirectiveValues(GraphQLSkipDirective, node, variables)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, variables)?.['if'] !== false;
}
