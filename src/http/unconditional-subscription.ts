import { GraphQLError, OperationTypeNode, type ValidationRule } from 'graphql';
import { rootSelections } from './root-selections.ts';

/**
 * What is subscribed to may not be left out by `@skip` or `@include`: nothing would be left to subscribe to (GraphQL,
 * September 2025, §5.2.4.1).
 */
export const UnconditionalSubscription: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== OperationTypeNode.SUBSCRIPTION) return;
    for (const { directives = [] } of rootSelections(context, selectionSet)) {
      for (const directive of directives) {
        const name = directive.name.value;
        if (name !== 'skip' && name !== 'include') continue;
        const message = `@${name} may not decide what is subscribed to.`;
        context.reportError(new GraphQLError(message, { nodes: directive }));
      }
    }
  },
});
