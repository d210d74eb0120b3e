import { GraphQLError, Kind, OperationTypeNode, type SelectionSetNode, type ValidationRule } from 'graphql';

/**
 * What is subscribed to may not be left out by `@skip` or `@include`: nothing would be left to subscribe to (GraphQL,
 * September 2025, §5.2.4.1).
 */
export const UnconditionalSubscription: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== OperationTypeNode.SUBSCRIPTION) return;
    const visited = new Set<string>();
    const visit = (set: SelectionSetNode): void => {
      for (const selection of set.selections) {
        for (const directive of selection.directives ?? []) {
          const name = directive.name.value;
          if (name !== 'skip' && name !== 'include') continue;
          const message = `@${name} may not decide what is subscribed to.`;
          context.reportError(new GraphQLError(message, { nodes: directive }));
        }
        if (selection.kind === Kind.INLINE_FRAGMENT) {
          visit(selection.selectionSet);
        } else if (selection.kind === Kind.FRAGMENT_SPREAD && !visited.has(selection.name.value)) {
          visited.add(selection.name.value);
          const fragment = context.getFragment(selection.name.value);
          if (fragment) visit(fragment.selectionSet);
        }
      }
    };
    visit(selectionSet);
  },
});
