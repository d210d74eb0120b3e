import { GraphQLError, Kind, OperationTypeNode, type ValidationRule } from 'graphql';
import { rootSelections } from './root-selections.ts';

/**
 * Each field of a mutation may stand once in a request: every one logs in or out or costs somebody something, and many
 * under aliases would pass the limits as one request.
 */
export const SensitiveFieldsOnce: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== OperationTypeNode.MUTATION) return;
    const seen = new Set<string>();
    for (const selection of rootSelections(context, selectionSet)) {
      if (selection.kind !== Kind.FIELD) continue;
      const name = selection.name.value;
      if (seen.has(name)) {
        context.reportError(
          new GraphQLError(`${name} may stand only once in a request.`, { nodes: selection }),
        );
      }
      if (!name.startsWith('__')) seen.add(name);
    }
  },
});
