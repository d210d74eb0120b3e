import type { ExecutionResult } from 'graphql';

/**
 * What became null is explained once, by the first error. graphql-js tells of all that happened before it gave up what lies
 * around them, and a compiled query goes on to the end and tells of each.
 */
export function explainedOnce(result: ExecutionResult): ExecutionResult {
  const { errors = [], data } = result;
  if (errors.length < 2 || data === undefined) return result;
  const explained = new Set<string>();
  const first = errors.filter(({ path = [] }) => {
    const place = nullOn(path, data).join('.');
    return !explained.has(place) && explained.add(place);
  });
  return { ...result, errors: first };
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
