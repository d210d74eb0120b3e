import {
  defaultFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isListType,
  isObjectType,
} from 'graphql';

/** What an executor adds to `info` that awaits whatever was begun, however the fields beside it end. */
export interface AwaitsAll {
  readonly awaitsAll: true;
}

/**
 * Makes each list give its rows as promises to graphql-js. It gives up a list at the first row that fails at once, and
 * forgets the rows before it that are under way: when one of those is rejected later, nothing awaits it, and the process
 * would end. A row that is a promise never fails at once, whether a resolver, a directive, a scalar or its shape is the
 * reason: so the rows of a list are always awaited together.
 *
 * A compiled query counts what it waits for and never gives up a list (see `AwaitsAll`): it gets the rows as they are.
 */
export function rowsAsPromises(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      if (!isListType(getNullableType(field.type))) continue;
      const { resolve = defaultFieldResolver } = field;
      field.resolve = (source, args, context, info) => {
        const rows: unknown = resolve(source, args, context, info);
        const made = awaitsAll(info) ? rejectedAsErrors : eachAsPromise;
        return isPromise(rows) ? rows.then(made) : made(rows);
      };
    }
  }
  return schema;
}

const awaitsAll = (info: GraphQLResolveInfo & Partial<AwaitsAll>): boolean => info.awaitsAll === true;

/** What is no list is left to the executor, which says so. */
const eachAsPromise = (rows: unknown): unknown =>
  Array.isArray(rows) ? rows.map((row) => Promise.resolve(settled(row))) : rows;

const rejectedAsErrors = (rows: unknown): unknown =>
  Array.isArray(rows) && rows.some(isPromise) ? rows.map(settled) : rows;

/** A rejected row becomes an error in its place: of a rejected promise, a compiled query puts the null at the list's end. */
const settled = (row: unknown): unknown =>
  isPromise(row)
    ? row.then(undefined, (error: unknown) => (error instanceof Error ? error : new Error(String(error))))
    : row;

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;
