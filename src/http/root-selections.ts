import { Kind, type SelectionNode, type SelectionSetNode, type ValidationContext } from 'graphql';

/**
 * What an operation selects at its root, within fragments too. A fragment that is spread again runs no field again, so
 * each is looked into once: fragments that spread others twice cost no more than their length.
 */
export function* rootSelections(
  context: Pick<ValidationContext, 'getFragment'>,
  set: SelectionSetNode,
  visited = new Set<string>(),
): Generator<SelectionNode> {
  for (const selection of set.selections) {
    yield selection;
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      yield* rootSelections(context, selection.selectionSet, visited);
    } else if (selection.kind === Kind.FRAGMENT_SPREAD && !visited.has(selection.name.value)) {
      visited.add(selection.name.value);
      const fragment = context.getFragment(selection.name.value);
      if (fragment) yield* rootSelections(context, fragment.selectionSet, visited);
    }
  }
}
