import { GraphQLError, Kind, OperationTypeNode, type SelectionSetNode, type ValidationRule } from 'graphql';

/**
 * Each field of a mutation may stand once in a request: every one logs in or out or costs somebody something, and many
 * under aliases would pass the limits as one request.
 */
export const SensitiveFieldsOnce: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== OperationTypeNode.MUTATION) return;
    const seen = new Set<string>();
    // A fragment that is spread again runs no field again, so each is visited once: fragments that spread others
    // twice cost no more than their length.
    const visited = new Set<string>();
    const visit = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          const name = selection.name.value;
          if (seen.has(name)) {
            context.reportError(
              new GraphQLError(`${name} may stand only once in a request.`, { nodes: selection }),
            );
          }
          if (!name.startsWith('__')) seen.add(name);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          visit(selection.selectionSet);
        } else if (!visited.has(selection.name.value)) {
          visited.add(selection.name.value);
          const fragment = context.getFragment(selection.name.value);
          if (fragment) visit(fragment.selectionSet);
        }
      }
    };
    visit(selectionSet);
  },
});
