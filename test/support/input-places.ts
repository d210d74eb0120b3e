import assert from 'node:assert/strict';
import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { literal } from './literal.ts';

/** A place of the schema that takes one value of a scalar or an enum: an argument, an input field, or an item of a list. */
export interface InputPlace {
  /** Such as `Mutation.linkCassoApiKey(input.apiKey:)`. */
  readonly name: string;
  /** The argument's path, as errors name it: `input.apiKey`. */
  readonly field: string;
  readonly input: GraphQLArgument | GraphQLInputField;
  readonly type: GraphQLLeafType;
  readonly isInList: boolean;
  /** Operations that are right but for the value, which stands in each of the ways that a client can give one. */
  readonly operations: (
    value: unknown,
  ) => { readonly way: string; readonly query: string; readonly variables: object }[];
}

/** Every one that an operation can reach, each once. */
export function inputPlaces(schema: GraphQLSchema): InputPlace[] {
  const places: InputPlace[] = [];
  const seen = new Set<GraphQLObjectType>();

  function walk(type: GraphQLObjectType, around: (selection: string) => string, head: string): void {
    if (seen.has(type)) return;
    seen.add(type);
    for (const field of Object.values(type.getFields())) {
      for (const argument of field.args) {
        places.push(...placesOf(type, field, argument, around, head));
      }
      const below = getNamedType(field.type);
      const possible = isAbstractType(below) ? schema.getPossibleTypes(below) : [below];
      for (const one of possible) {
        if (!isObjectType(one)) continue;
        const inside = (selection: string) =>
          one === below ? selection : `... on ${one.name} { ${selection} }`;
        walk(one, (selection) => around(`${field.name}${required(field)} { ${inside(selection)} }`), head);
      }
    }
  }
  for (const [head, root] of [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
    ['subscription', schema.getSubscriptionType()],
  ] as const) {
    if (root) walk(root, (selection) => `{ ${selection} }`, head);
  }
  return places;
}

function placesOf(
  parent: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  argument: GraphQLArgument,
  around: (selection: string) => string,
  head: string,
): InputPlace[] {
  const asks = (value: string) => {
    const below = getNamedType(field.type);
    const selection = isLeafType(below) ? '' : ' { __typename }';
    return around(`${field.name}${required(field, { [argument.name]: value })}${selection}`);
  };
  return leavesOf(argument).map(({ path, input, type, isInList }) => ({
    name: `${parent.name}.${field.name}(${path.join('.')}:)`,
    field: path.join('.'),
    input,
    type,
    isInList,
    operations(value) {
      const whole = valueAt(argument, path.slice(1), value);
      const ofPart = literalWithVariable(argument, path.slice(1));
      const given = `${argument.name}: ${String(argument.type)}`;
      return [
        { way: 'a literal', query: `${head} ${asks(literal(whole))}`, variables: {} },
        {
          way: 'a variable',
          query: `${head} ($${given}) ${asks(`$${argument.name}`)}`,
          variables: { [argument.name]: whole },
        },
        {
          way: 'a default',
          query: `${head} ($${given} = ${literal(whole)}) ${asks(`$${argument.name}`)}`,
          variables: {},
        },
        {
          way: 'a variable as a part',
          query: `${head} ($part: ${String(input.type)}) ${asks(ofPart)}`,
          variables: { part: isInList ? [value] : value },
        },
      ];
    },
  }));
}

interface Leaf {
  readonly path: readonly string[];
  readonly input: GraphQLArgument | GraphQLInputField;
  readonly type: GraphQLLeafType;
  readonly isInList: boolean;
}

function leavesOf(input: GraphQLArgument | GraphQLInputField, above: readonly string[] = []): Leaf[] {
  const path = [...above, input.name];
  const type = getNamedType(input.type);
  if (isInputObjectType(type)) return Object.values(type.getFields()).flatMap((one) => leavesOf(one, path));
  return [{ path, input, type, isInList: isListType(getNullableType(input.type)) }];
}

/** A value for the argument whose part at the path is the given one, and which has what else it must have. */
function valueAt(
  input: GraphQLArgument | GraphQLInputField,
  path: readonly string[],
  value: unknown,
): unknown {
  const type = getNamedType(input.type);
  if (!isInputObjectType(type)) return isListType(getNullableType(input.type)) ? [value] : value;
  const members = Object.values(type.getFields()).flatMap((one) => {
    if (one.name === path[0]) return [[one.name, valueAt(one, path.slice(1), value)] as const];
    return isRequiredInputField(one) ? [[one.name, anyValue(one.type)] as const] : [];
  });
  return Object.fromEntries(members);
}

const PART = 'the part';
const literalWithVariable = (argument: GraphQLArgument, path: readonly string[]): string =>
  literal(valueAt(argument, path, PART))
    .replace(JSON.stringify(PART), '$part')
    .replace('[$part]', '$part');

/** The arguments that a field must have, and those that are given, each as it is written. */
function required(
  field: GraphQLField<unknown, unknown>,
  given: Readonly<Record<string, string>> = {},
): string {
  const written = field.args.flatMap((argument) => {
    const value = given[argument.name] ?? (isRequiredArgument(argument) && literal(anyValue(argument.type)));
    return value ? [`${argument.name}: ${value}`] : [];
  });
  return written.length > 0 ? `(${written.join(', ')})` : '';
}

function anyValue(type: GraphQLInputType): unknown {
  const named = getNamedType(type);
  if (isInputObjectType(named)) return valueAt({ name: '', type } as GraphQLArgument, [], null);
  if (isListType(getNullableType(type))) return [];
  if (isEnumType(named)) return named.getValues()[0]?.value ?? assert.fail();
  return ANY[named.name] ?? assert.fail(`no value for ${named.name}`);
}

const ANY: Readonly<Record<string, unknown>> = {
  Boolean: true,
  ID: 'x',
  Int: 1,
  PhoneNumber: '+85512345678',
  String: 'x',
  URL: 'https://app.example.com/',
};
