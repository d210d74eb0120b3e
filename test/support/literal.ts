import { type GraphQLInputType, getNullableType, isEnumType, isInputObjectType, isListType } from 'graphql';

/**
 * A value as a document has it.
 * @param type its own, where it is known; without it a text in upper case is taken for an enum's value within an object.
 */
export function literal(value: unknown, type?: GraphQLInputType): string {
  const bare = type && getNullableType(type);
  if (Array.isArray(value)) {
    const item = isListType(bare) ? bare.ofType : undefined;
    return `[${value.map((each) => literal(each, item)).join(', ')}]`;
  }
  if (isListType(bare)) return literal(value, bare.ofType);
  if (isEnumType(bare)) return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = isInputObjectType(bare) ? bare.getFields() : {};
  const members = Object.entries(value).map(([name, member]) => {
    const isEnumValue = !type && typeof member === 'string' && /^[A-Z_]+$/.test(member);
    return `${name}: ${isEnumValue ? member : literal(member, fields[name]?.type)}`;
  });
  return `{ ${members.join(', ')} }`;
}
