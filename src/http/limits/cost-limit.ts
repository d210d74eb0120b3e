import { type ExecutionArgs, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { queryTooComplex } from '../../domain/errors.ts';
import { publicError } from '../errors.ts';
import { keptPrices } from './kept-prices.ts';
import { MAX_FIELDS, type OperationPrice } from './operation-price.ts';

/**
 * Refuses an operation that may cost more than `limit` points before it runs, over whichever transport it came, and
 * tells the price of a query or mutation that does in `extensions.cost`.
 */
export function useCostLimit(limit: number): Plugin {
  const priceOf = keptPrices();
  const judge = (args: ExecutionArgs) => judged(priceOf(args), limit);
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const verdict = judge(args);
      if (verdict instanceof GraphQLError) return setResultAndStopExecution({ errors: [verdict] });
      return {
        onExecuteDone({ result, setResult }) {
          if (Symbol.asyncIterator in result) return;
          const cost = { requested: verdict.points, calls: verdict.calls, limit };
          setResult({ ...result, extensions: { ...result.extensions, cost } });
        },
      };
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const verdict = judge(args);
      if (verdict instanceof GraphQLError) setResultAndStopExecution({ errors: [verdict] });
    },
  };
}

/** The price, or why it is refused. */
function judged(price: OperationPrice | null, limit: number): OperationPrice | GraphQLError {
  if (price === null) {
    return refusal(
      `The operation has more than ${MAX_FIELDS} fields, those of a fragment counted wherever it is spread. Ask in several operations.`,
    );
  }
  const { calls, points: requested } = price;
  if (requested <= limit) return price;
  return refusal(
    `The operation may cost ${requested} points, for ${calls} requests to providers and the size of the answer; ${limit} are allowed. Ask for fewer rows (first), or in several operations.`,
    { requested, calls, limit },
  );
}

const refusal = (...error: Parameters<typeof queryTooComplex>) => publicError(queryTooComplex(...error));
