import type { GraphQLSchema } from 'graphql';
import { inSpan, isTracing } from '../lib/span.ts';

/** Each root field of a query or mutation is a span, and holds the calls that it makes: not each scalar below it. */
export function traceRootFields(schema: GraphQLSchema): GraphQLSchema {
  for (const type of [schema.getQueryType(), schema.getMutationType()]) {
    for (const field of Object.values(type?.getFields() ?? {})) {
      const { resolve } = field;
      if (!resolve) continue;
      const name = `${type?.name}.${field.name}`;
      field.resolve = (...args) =>
        isTracing() ? inSpan({ name }, async () => resolve(...args)) : resolve(...args);
    }
  }
  return schema;
}
