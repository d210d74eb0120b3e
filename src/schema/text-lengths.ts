import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isObjectType,
} from 'graphql';

/** What takes a value from a client. */
export type Input = GraphQLArgument | GraphQLInputField;

/** Characters of a text, where its argument has no limit of its own. Cursors and ids are the longest that this API gives. */
const LONGEST: Readonly<Record<string, number>> = { String: 1_024, ID: 128, URL: 2_048 };

/** Of a text that stands for anything else: a moment, a day, a phone number, an enum's value, what should be a number. */
const LONGEST_OTHER = 128;

/** Items of a list. */
export const MOST_ITEMS = 100;

/** A limit of an argument's own, as its `extensions`: in characters. */
export const longest = (characters: number) => ({ longest: characters });

/** Characters that a text may have which is given to the argument or field, or stands in a list that is. */
export function longestOf({ type, extensions }: Input): number {
  const own = extensions['longest'];
  return typeof own === 'number' ? own : (LONGEST[getNamedType(type).name] ?? LONGEST_OTHER);
}

/** Says the limits where the arguments are described, so that no description can be wrong or missing. */
export function describeLengths(schema: GraphQLSchema): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInputObjectType(type)) Object.values(type.getFields()).forEach(describe);
    if (isObjectType(type)) for (const { args } of Object.values(type.getFields())) args.forEach(describe);
  }
  return schema;
}

function describe(input: Input): void {
  const items = takesList(input.type) ? `At most ${MOST_ITEMS}` : null;
  const characters = getNamedType(input.type).name in LONGEST ? longestOf(input) : null;
  const text = characters && `t most ${characters.toLocaleString('en-US')} characters`;
  const limit = items && text ? `${items}, each of a${text}` : (items ?? (text && `A${text}`));
  if (limit) input.description = `${input.description ?? ''} ${limit}.`;
}

const takesList = (type: GraphQLInputType): boolean => isListType(getNullableType(type));
