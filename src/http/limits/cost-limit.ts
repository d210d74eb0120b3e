import {
  type ExecutionArgs,
  type FragmentDefinitionNode,
  type GraphQLError,
  getOperationAST,
  Kind,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { queryTooComplex } from '../../domain/errors.ts';
import { publicError } from '../errors.ts';
import { MAX_FIELDS, operationPrice } from './operation-price.ts';

/**
 * Refuses an operation that may cost more than `limit` points before it runs, over whichever transport it came, and
 * tells the price of a query or mutation that does in `extensions.cost`.
 */
export function useCostLimit(limit: number): Plugin {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const verdict = judge(args, limit);
      if (typeof verdict !== 'number') return setResultAndStopExecution({ errors: [verdict] });
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return;
          const cost = { requested: verdict, limit };
          setResult({ ...result, extensions: { ...result.extensions, cost } });
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const verdict = judge(args, limit);
      if (typeof verdict !== 'number') setResultAndStopExecution({ errors: [verdict] });
    },
  };
}

/** The price, or why it is refused. */
function judge(
  { schema, document, operationName, variableValues }: ExecutionArgs,
  limit: number,
): number | GraphQLError {
  const operation = getOperationAST(document, operationName);
  if (!operation) return 0;
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const requested = operationPrice({ schema, operation, fragments, variables: variableValues ?? {} });
  if (requested === null) {
    return refusal(
      `The operation has more than ${MAX_FIELDS} fields, those of a fragment counted wherever it is spread. Ask in several operations.`,
    );
  }
  if (requested <= limit) return requested;
  return refusal(
    `The operation may cost ${requested} points; ${limit} are allowed. Ask for fewer rows (first), or in several operations.`,
    { requested, limit },
  );
}

const refusal = (...error: Parameters<typeof queryTooComplex>) => publicError(queryTooComplex(...error));
