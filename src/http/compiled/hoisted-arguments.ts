import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  getArgumentValues,
  Kind,
  type NamedTypeNode,
  type OperationDefinitionNode,
  TypeInfo,
  type VariableNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';

export type CoercedVariables = Readonly<Record<string, unknown>>;

export interface HoistedArguments {
  /** The document with a variable in the place of each argument's value, and no other variable. */
  readonly document: DocumentNode;
  /**
   * The values of those variables, without those of arguments that are not given.
   * @param variables of the document as the client wrote it.
   * @returns null when graphql-js refuses an argument.
   */
  valuesFor(variables: CoercedVariables): Record<string, unknown> | null;
}

interface Hoisted {
  readonly field: GraphQLField<unknown, unknown>;
  readonly node: FieldNode;
  /** The variable of each argument that the node gives, by the argument's name. */
  readonly variables: ReadonlyMap<string, string>;
}

/** @param typeName the type that each of the variables is declared with. */
export function hoistArguments(
  schema: GraphQLSchema,
  document: DocumentNode,
  typeName: string,
): HoistedArguments {
  const fields: Hoisted[] = [];
  const names: string[] = [];
  const newName = () => {
    const name = `argument${names.length}`;
    names.push(name);
    return name;
  };
  const types = new TypeInfo(schema);
  const hoisted: DocumentNode = visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const field = types.getFieldDef();
        if (!field || !node.arguments?.length) return undefined;
        const variables = new Map(node.arguments.map(({ name }) => [name.value, newName()]));
        fields.push({ field, node, variables });
        return {
          ...node,
          arguments: node.arguments.map((argument) => ({
            ...argument,
            value: variableNode(variables.get(argument.name.value) ?? ''),
          })),
        };
      },
    }),
  );
  const type: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName } };
  const variableDefinitions: OperationDefinitionNode['variableDefinitions'] = names.map((name) => ({
    kind: Kind.VARIABLE_DEFINITION,
    variable: variableNode(name),
    type,
  }));

  return {
    document: {
      ...hoisted,
      definitions: hoisted.definitions.map((definition) =>
        definition.kind === Kind.OPERATION_DEFINITION ? { ...definition, variableDefinitions } : definition,
      ),
    },
    valuesFor(given) {
      const values: Record<string, unknown> = {};
      try {
        for (const { field, node, variables } of fields) {
          const args = getArgumentValues(field, node, given);
          for (const [argument, variable] of variables) {
            if (argument in args) values[variable] = args[argument];
          }
        }
      } catch {
        // The plain way finds the same, and tells it.
        return null;
      }
      return values;
    },
  };
}

const variableNode = (name: string): VariableNode => ({
  kind: Kind.VARIABLE,
  name: { kind: Kind.NAME, value: name },
});
