import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLResolveInfo,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionSetNode,
} from 'graphql';

/**
 * The names of the fields that this operation asks of what the current field returns, through fragments, with
 * `@skip` and `@include` applied. Look-ahead: what is selected under a node decides which calls it needs.
 */
export function selectedFields(info: GraphQLResolveInfo): ReadonlySet<string> {
  const names = new Set<string>();
  for (const field of info.fieldNodes) collect(field.selectionSet, info, names);
  return names;
}

/** Whether nothing but `names` (and `__typename`) is asked. */
export function selectsOnly(info: GraphQLResolveInfo, names: ReadonlySet<string>): boolean {
  return [...selectedFields(info)].every((name) => name === '__typename' || names.has(name));
}

function collect(set: SelectionSetNode | undefined, info: GraphQLResolveInfo, names: Set<string>): void {
  for (const selection of set?.selections ?? []) {
    if (!isIncluded(selection, info)) continue;
    if (selection.kind === Kind.FIELD) names.add(selection.name.value);
    else if (selection.kind === Kind.INLINE_FRAGMENT) collect(selection.selectionSet, info, names);
    else collect(info.fragments[selection.name.value]?.selectionSet, info, names);
  }
}

function isIncluded(selection: Pick<FieldNode, 'directives'>, info: GraphQLResolveInfo): boolean {
  if (!selection.directives?.length) return true;
  const node = { directives: selection.directives };
  if (getDirectiveValues(GraphQLSkipDirective, node, info.variableValues)?.['if'] === true) return false;
  return getDirectiveValues(GraphQLIncludeDirective, node, info.variableValues)?.['if'] !== false;
}
