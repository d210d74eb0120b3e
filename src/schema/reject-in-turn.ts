import { type GraphQLSchema, isObjectType } from 'graphql';

/**
 * What a resolver throws becomes the rejection of a promise. An executor gives up a list at a row that fails at once,
 * and forgets the rows before it that are under way: the rejection of one of those, awaited by nobody, would end the
 * process. Rows that all fail as promises are awaited together.
 */
export function rejectInTurn(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const { resolve } = field;
      if (!resolve) continue;
      field.resolve = (...args) => {
        try {
          return resolve(...args);
        } catch (error) {
          return Promise.reject(error);
        }
      };
    }
  }
  return schema;
}
