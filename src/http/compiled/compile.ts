import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLScalarType,
  GraphQLSchema,
} from 'graphql';
import { compileQuery, isCompiledQuery } from 'graphql-jit';
import type { AwaitsAll } from '../../schema/rows-as-promises.ts';
import { isCompilable } from './compilable.ts';
import { type CoercedVariables, hoistArguments } from './hoisted-arguments.ts';
import { placedError } from './placed-error.ts';

export type Execute = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** A document that was compiled. */
export interface Compiled {
  /** @returns what executes it with these variables; null where the plain way has to tell what is wrong with them. */
  bind(variables: CoercedVariables): Execute | null;
}

/**
 * The compiler coerces arguments and variables in ways of its own, and writes literals into the code that it makes. So
 * it gets neither: every argument stands in the document as a variable, whose value graphql-js has made by the time.
 * @returns null when the document cannot be compiled.
 */
export function compile(schema: GraphQLSchema, document: DocumentNode): Compiled | null {
  if (!isCompilable(schema, document)) return null;
  const hoisted = hoistArguments(schema, document, COERCED.name);
  const compiled = compileQuery(withCoerced(schema), hoisted.document, undefined, {
    resolverInfoEnricher: () => AWAITS_ALL,
  });
  if (!isCompiledQuery(compiled)) return null;
  const source = document.loc?.source;
  const placed = ({ errors, data = null }: ExecutionResult): ExecutionResult => {
    if (!errors || !source) return { data };
    // Errors stand first, so that a person sees them (GraphQL specification, 7.1).
    return { errors: errors.map((error) => placedError(error, source)), data };
  };
  return {
    bind(variables) {
      const values = hoisted.valuesFor(variables);
      if (!values) return null;
      return ({ rootValue, contextValue }) => {
        const result = compiled.query(rootValue, contextValue, values);
        return result instanceof Promise ? result.then(placed) : placed(result);
      };
    },
  };
}

/** graphql-jit ends a query when everything that it waits for has ended. */
const AWAITS_ALL: AwaitsAll = { awaitsAll: true };

/** A value that is coerced already: the compiler hands it on as it is. */
const COERCED = new GraphQLScalarType({ name: 'Coerced', parseValue: (value) => value });

const schemas = new WeakMap<GraphQLSchema, GraphQLSchema>();

/** The same types and one more, which no client gets to see. */
function withCoerced(schema: GraphQLSchema): GraphQLSchema {
  let extended = schemas.get(schema);
  if (!extended) {
    const config = schema.toConfig();
    extended = new GraphQLSchema({ ...config, types: [...config.types, COERCED] });
    schemas.set(schema, extended);
  }
  return extended;
}
