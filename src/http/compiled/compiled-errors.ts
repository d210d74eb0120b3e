import { GraphQLError, type Source, type SourceLocation } from 'graphql';

/**
 * What became null is explained once. The plain way gives up a list at the first of its rows that fails, where a compiled
 * query goes on to the others, and would tell of each.
 */
export function firstOfEachNull(errors: readonly GraphQLError[], data: unknown): readonly GraphQLError[] {
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
export function placed(error: GraphQLError, source: Source): GraphQLError {
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
