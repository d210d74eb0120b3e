import { GraphQLError, type Source, type SourceLocation } from 'graphql';

/** A compiled query knows lines and columns, and no nodes: the error gets its place in the source from those. */
export function placedError(error: GraphQLError, source: Source): GraphQLError {
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
