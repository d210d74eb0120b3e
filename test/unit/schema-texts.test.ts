import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { schema } from '../../src/schema/index.ts';

const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith('__'));
const fieldsOf = (type: GraphQLNamedType | undefined): readonly GraphQLField<unknown, unknown>[] =>
  isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
const textOf = ({ description }: { readonly description?: string | null | undefined }): string =>
  description ?? '';

/** Which end of a list a text speaks of as its beginning. */
const ORDERS: readonly (readonly [string, RegExp])[] = [
  ['newest first', /newest first|\(older ones\)|\(newer ones\)/u],
  ['oldest first', /oldest first|oldest event/u],
  ['as listed', /in which .* lists them/u],
];
const ordersIn = (texts: readonly string[]): readonly string[] =>
  ORDERS.flatMap(([order, said]) => (texts.some((text) => said.test(text)) ? [order] : []));

const lists = types.flatMap((type) =>
  fieldsOf(type).flatMap((field) => {
    const connection = getNamedType(field.type);
    return connection.name.endsWith('Connection')
      ? [{ name: `${type.name}.${field.name}`, field, connection }]
      : [];
  }),
);

describe('every list says one order, and the same wherever it speaks of it', () => {
  test('there are lists', () => expect(lists.length).toBeGreaterThan(10));

  test.each(lists)('$name', ({ field, connection }) => {
    const edge = getNamedType(fieldsOf(connection).find(({ name }) => name === 'edges')?.type);
    const about = [
      field,
      ...field.args,
      connection,
      ...fieldsOf(connection),
      ...(edge ? [edge] : []),
      ...fieldsOf(edge),
    ];
    expect(ordersIn(about.map(textOf))).toHaveLength(1);
  });

  test('what all lists share says none', () => {
    const pageInfo = schema.getType('PageInfo');
    expect(ordersIn(fieldsOf(pageInfo).map(textOf))).toEqual([]);
  });
});

test('the schema and everything in it says what it is', () => {
  expect(schema.description).toContain('Bongloy');
  const mute = types.flatMap((type) => [
    ...(textOf(type) ? [] : [type.name]),
    ...fieldsOf(type).flatMap((field) =>
      [field, ...field.args].filter((element) => !textOf(element)).map(({ name }) => `${type.name}.${name}`),
    ),
  ]);
  expect(mute).toEqual([]);
});

test('no text says of what may be null that it is always there', () => {
  const promised = types.flatMap((type) =>
    fieldsOf(type)
      .filter((field) => !isNonNullType(field.type) && /always there/iu.test(textOf(field)))
      .map(({ name }) => `${type.name}.${name}`),
  );
  expect(promised).toEqual([]);
});

test('whatever a subscription brings has an id, so that normalized caches know it again', () => {
  const events = fieldsOf(schema.getSubscriptionType() ?? undefined).flatMap(({ type }) => {
    const named = getNamedType(type);
    return isUnionType(named) ? named.getTypes() : isObjectType(named) ? [named] : [];
  });
  expect(events.length).toBeGreaterThan(0);
  for (const event of events) {
    const id = fieldsOf(event).find(({ name }) => name === 'id');
    expect([event.name, String(id?.type)]).toEqual([event.name, 'ID!']);
    expect(isListType(id?.type)).toBe(false);
  }
});
