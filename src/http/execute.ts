import {
  type DocumentNode,
  type ExecutionArgs,
  execute,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type Compiled, compile, type Execute } from './compiled/compile.ts';
import { explainedOnce } from './explained-once.ts';
import type { PreparedDocuments } from './prepared.ts';

/** Compiling costs milliseconds: worth it for a query that comes again and again, and a waste for one that does not. */
const COMPILE_AT = 3;

/** What is known of a document; it is the same object for as long as Yoga's cache of parsed documents holds it. */
interface Known {
  uses: number;
  /** Null: not compiled, or cannot be. */
  compiled: Compiled | null;
}

/**
 * Runs queries and mutations by graphql-js, as subscriptions are. Queries that come again are compiled to functions
 * (graphql-jit), which answer the same bytes in a part of the time. A document that may be answered otherwise is never
 * compiled (see `isCompilable`). Where graphql-js refuses a variable or an argument, it executes the query and says so.
 */
export function useExecute(schema: GraphQLSchema, prepared: PreparedDocuments): Plugin {
  const documents = new WeakMap<DocumentNode, Known>();

  function compiledFor(document: DocumentNode): Compiled | null {
    let known = documents.get(document);
    if (!known) {
      known = { uses: 0, compiled: null };
      documents.set(document, known);
    }
    known.uses += 1;
    if (known.uses === COMPILE_AT) known.compiled = compile(schema, document);
    return known.compiled;
  }

  function remember(document: DocumentNode): void {
    const text = document.loc?.source.body;
    if (text !== undefined && !prepared.has(text)) prepared.set(text, document);
  }

  function boundTo({ document, operationName, variableValues }: ExecutionArgs): Execute | null {
    const compiled = compiledFor(document);
    const operation = getOperationAST(document, operationName);
    if (!compiled || !operation) return null;
    remember(document);
    const definitions = operation.variableDefinitions ?? [];
    const { coerced } = getVariableValues(schema, definitions, variableValues ?? {}, { maxErrors: 1 });
    return coerced ? compiled.bind(coerced) : null;
  }

  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => {
        const result = (boundTo(args) ?? execute)(args);
        return result instanceof Promise ? result.then(explainedOnce) : explainedOnce(result);
      });
    },
  };
}
