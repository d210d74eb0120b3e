import {
  BREAK,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  OperationTypeNode,
  type Source,
  type SourceLocation,
  visit,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { Plugin } from 'graphql-yoga';

/** Compiling costs milliseconds: worth it for what is asked again and again, and no gift to who never repeats himself. */
const COMPILE_AT = 3;

/** What is known of a document; it is the same object for as long as Yoga's cache of parsed documents holds it. */
interface Known {
  uses: number;
  /** Null: not compiled, or cannot be. */
  execute: ReturnType<typeof compileFor> | null;
}

/**
 * Queries that come again are compiled to functions (graphql-jit), which answer the same bytes in a part of the time.
 * Only where the two are the same: a document with one operation, which is a query, without directives (fields that
 * are left out would change the order of others), and with variables that are right. Anything else goes the plain way,
 * and so do wrong variables, whose mistakes are then told as ever.
 */
export function useCompiled(schema: GraphQLSchema): Plugin {
  const documents = new WeakMap<DocumentNode, Known>();

  function executorFor(document: DocumentNode) {
    let known = documents.get(document);
    if (!known) {
      known = { uses: 0, execute: null };
      documents.set(document, known);
    }
    known.uses += 1;
    if (known.uses === COMPILE_AT) known.execute = compileFor(schema, document);
    return known.execute;
  }

  return {
    onExecute({ args, setExecuteFn }) {
      const execute = executorFor(args.document);
      if (execute && hasRightVariables(schema, args)) setExecuteFn(execute);
    },
  };
}

function compileFor(schema: GraphQLSchema, document: DocumentNode) {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  const operation = getOperationAST(document);
  if (operations.length !== 1 || operation?.operation !== OperationTypeNode.QUERY) return null;
  if (hasDirectives(document)) return null;
  const compiled = compileQuery(schema, document, operation.name?.value);
  if (!isCompiledQuery(compiled)) return null;
  return async ({ rootValue, contextValue, variableValues }: ExecutionArgs): Promise<ExecutionResult> => {
    const result = await compiled.query(rootValue, contextValue, variableValues);
    const source = document.loc?.source;
    if (!result.errors || !source) return result;
    const data = result.data ?? null;
    const errors = firstOfEachNull(result.errors, data).map((error) => placed(error, source));
    // Errors stand first, so that a person sees them (GraphQL specification, 7.1).
    return { errors, data };
  };
}

function hasDirectives(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive() {
      found = true;
      return BREAK;
    },
  });
  return found;
}

/**
 * A variable with a default may stand where null must not; null is then found out as the field runs, and told in the
 * executor's own way.
 */
function hasRightVariables(schema: GraphQLSchema, { document, variableValues }: ExecutionArgs): boolean {
  const definitions = getOperationAST(document)?.variableDefinitions ?? [];
  if (definitions.length === 0) return true;
  const { coerced } = getVariableValues(schema, definitions, variableValues ?? {});
  return (
    coerced !== undefined &&
    definitions.every(({ variable, defaultValue }) => !defaultValue || coerced[variable.name.value] !== null)
  );
}

/**
 * What became null is explained once. The plain way gives up a list at the first of its rows that fails, where a compiled
 * query goes on to the others, and would tell of each.
 */
function firstOfEachNull(errors: readonly GraphQLError[], data: unknown): readonly GraphQLError[] {
  const explained = new Set<string>();
  return errors.filter(({ path = [] }) => {
    const place = nullOn(path, data).join('.');
    return !explained.has(place) && explained.add(place);
  });
}

/** The beginning of the path that leads to null. */
function nullOn(path: readonly (string | number)[], data: unknown): readonly (string | number)[] {
  let value = data;
  const depth = path.findIndex((key) => {
    if (value === null || value === undefined) return true;
    value = (value as Record<string | number, unknown>)[key];
    return false;
  });
  return depth === -1 ? path : path.slice(0, depth);
}

/** A compiled query knows lines and columns, and no nodes; errors are told by their place in the source. */
function placed(error: GraphQLError, source: Source): GraphQLError {
  const { message, locations, path, originalError, extensions } = error;
  if (error.nodes || !locations) return error;
  return new GraphQLError(message, {
    source,
    positions: locations.map((location) => offsetOf(location, source)),
    path,
    originalError,
    extensions,
  });
}

function offsetOf({ line, column }: SourceLocation, { body }: Source): number {
  const before = body.split(/\r\n|[\n\r]/g, line - 1);
  let offset = 0;
  for (const text of before) {
    offset += text.length;
    offset += body.startsWith('\r\n', offset) ? 2 : 1;
  }
  return offset + column - 1;
}
