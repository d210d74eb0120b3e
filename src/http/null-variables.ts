import {
  type DocumentNode,
  type ExecutionArgs,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  ValidationContext,
  type VariableNode,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { badUserInput } from '../domain/errors.ts';
import { publicError } from './errors.ts';

/**
 * Refuses null, before anything runs, in a variable that stands where null may not: GraphQL lets a variable stand there
 * when it has a default, and would find out as each field runs.
 */
export function useNullVariables(schema: GraphQLSchema): Plugin {
  /** Of each operation of the documents that Yoga keeps parsed: where null must not come. */
  const known = new WeakMap<OperationDefinitionNode, readonly VariableNode[]>();
  const refuse = ({ args, setResultAndStopExecution }: Starting) => {
    const { document, operationName, variableValues } = args;
    const operation = getOperationAST(document, operationName);
    if (!operation || !Object.values(variableValues ?? {}).includes(null)) return;
    let places = known.get(operation);
    if (!places) known.set(operation, (places = placesWithoutNull(schema, document, operation)));
    const place = places.find(({ name }) => variableValues?.[name.value] === null);
    if (place) setResultAndStopExecution({ errors: [refusal(place)] });
  };
  return { onExecute: refuse, onSubscribe: refuse };
}

interface Starting {
  readonly args: ExecutionArgs;
  readonly setResultAndStopExecution: (result: { errors: GraphQLError[] }) => void;
}

/** A variable whose own type forbids null is left to graphql-js. */
function placesWithoutNull(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): readonly VariableNode[] {
  const nullable = new Set(
    operation.variableDefinitions
      ?.filter(({ type }) => type.kind !== Kind.NON_NULL_TYPE)
      .map(({ variable }) => variable.name.value),
  );
  return new ValidationContext(schema, document, new TypeInfo(schema), () => {})
    .getRecursiveVariableUsages(operation)
    .filter(({ node, type }) => isNonNullType(type) && nullable.has(node.name.value))
    .map(({ node }) => node);
}

function refusal(place: VariableNode): GraphQLError {
  const name = place.name.value;
  const message = `Variable "$${name}" is null where null is not allowed. Give it a value, or leave it out to have the default.`;
  return publicError(badUserInput(name, message), new GraphQLError('', { nodes: place }));
}
