import { defaultFieldResolver, type GraphQLSchema, getNullableType, isListType, isObjectType } from 'graphql';

/**
 * Makes each list give its rows as promises. An executor gives up a list at the first row that fails at once, and
 * forgets the rows before it that are under way: when one of those is rejected later, nothing awaits it, and the process
 * would end. A row that is a promise never fails at once, whether a resolver, a directive, a scalar or its shape is the
 * reason: so the rows of a list are always awaited together.
 */
export function rowsAsPromises(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isListType(getNullableType(field.type))) continue;
      const { resolve = defaultFieldResolver } = field;
      field.resolve = (...args) => {
        const rows: unknown = resolve(...args);
        return isPromise(rows) ? rows.then(eachAsPromise) : eachAsPromise(rows);
      };
    }
  }
  return schema;
}

/** What is no list is left to the executor, which says so. */
const eachAsPromise = (rows: unknown): unknown => (Array.isArray(rows) ? rows.map(asPromise) : rows);

/** A rejected row becomes an error in its place: of a rejected promise, a compiled query puts the null at the list's end. */
const asPromise = (row: unknown): Promise<unknown> =>
  isPromise(row)
    ? row.then(undefined, (error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    : Promise.resolve(row);

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;
