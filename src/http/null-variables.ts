import {
  type DocumentNode,
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
import { refuseBeforeRun } from './refuse-before-run.ts';

/**
 * Refuses null, before anything runs, in a variable that stands where null may not: GraphQL lets a variable stand there
 * when it has a default, and would find out as each field runs.
 */
export function useNullVariables(schema: GraphQLSchema): Plugin {
  /** Of each operation of the documents that Yoga keeps parsed: where null must not come. */
  const known = new WeakMap<OperationDefinitionNode, readonly VariableNode[]>();
  return refuseBeforeRun(({ document, operationName, variableValues }) => {
    const operation = getOperationAST(document, operationName);
    if (!operation || !Object.values(variableValues ?? {}).includes(null)) return null;
    let places = known.get(operation);
    if (!places) known.set(operation, (places = placesWithoutNull(schema, document, operation)));
    const place = places.find(({ name }) => variableValues?.[name.value] === null);
    return place ? refusal(place) : null;
  });
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
