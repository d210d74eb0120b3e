import { GraphQLError, Kind, OperationTypeNode, type SelectionSetNode, type ValidationRule } from 'graphql';

/** Fields that cost a person something, or that could be used to guess. */
const SENSITIVE = new Set([
  'createCardholderVerification',
  'authenticateCardholder',
  'startCassoAuthorization',
  'completeCassoAuthorization',
  'linkCassoApiKey',
  'refreshSession',
  'logout',
  'syncBankTransactions',
  'registerCassoWebhook',
]);

/** Each login field may stand once in a request: many under aliases would pass the limits as one request. */
export const SensitiveFieldsOnce: ValidationRule = (context) => ({
  OperationDefinition({ operation, selectionSet }) {
    if (operation !== OperationTypeNode.MUTATION) return;
    const seen = new Set<string>();
    const visit = (set: SelectionSetNode, spread: ReadonlySet<string>): void => {
      for (const selection of set.selections) {
        if (selection.kind === Kind.FIELD) {
          const name = selection.name.value;
          if (SENSITIVE.has(name) && seen.has(name)) {
            context.reportError(
              new GraphQLError(`${name} may stand only once in a request.`, { nodes: selection }),
            );
          }
          seen.add(name);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          visit(selection.selectionSet, spread);
        } else if (!spread.has(selection.name.value)) {
          const fragment = context.getFragment(selection.name.value);
          if (fragment) visit(fragment.selectionSet, new Set([...spread, fragment.name.value]));
        }
      }
    };
    visit(selectionSet, new Set());
  },
});
