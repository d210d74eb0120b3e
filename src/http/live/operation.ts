import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  print,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** What a client asks of each event. */
export interface Operation {
  /** Valid, and the document of `query`. */
  readonly document: DocumentNode;
  readonly query: string;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>> | null | undefined;
}

/** As the client wrote it. */
export const textOf = (document: DocumentNode): string => document.loc?.source.body ?? print(document);

/** Names operations by what their results depend on: equal names, equal results for an event. */
export type NameOperation = (operation: Operation) => string;

/**
 * Where a client resumes differs from client to client, and says nothing about the results: a variable that is given
 * as `after` of the subscription's field, and nowhere else, is left out.
 */
export function createNameOperation(schema: GraphQLSchema): NameOperation {
  const resumeVariables = new WeakMap<DocumentNode, ReadonlySet<string>>();
  return ({ document, query, operationName, variables }) => {
    const left = resumeVariables.get(document) ?? findResumeVariables(schema, document);
    resumeVariables.set(document, left);
    const given = Object.entries(variables ?? {}).filter(([name]) => !left.has(name));
    return JSON.stringify([query, operationName ?? null, given]);
  };
}

function findResumeVariables(schema: GraphQLSchema, document: DocumentNode): ReadonlySet<string> {
  const uses = new Map<string, number>();
  const resuming = new Set<string>();
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      // Definitions hold a variable node too.
      VariableDefinition: () => false,
      Argument({ name, value }) {
        const isRootField = types.getParentType() === schema.getSubscriptionType();
        if (isRootField && name.value === 'after' && value.kind === Kind.VARIABLE) {
          resuming.add(value.name.value);
        }
      },
      Variable({ name }) {
        uses.set(name.value, (uses.get(name.value) ?? 0) + 1);
      },
    }),
  );
  return new Set([...resuming].filter((name) => uses.get(name) === 1));
}
