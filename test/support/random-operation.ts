import type fc from 'fast-check';
import {
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

export interface RandomOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** Draws a value: fast-check's `gen()`. */
export interface Draw {
  below(limit: number): number;
}

export const drawFrom = (gen: fc.GeneratorValue, nat: typeof fc.nat): Draw => ({
  below: (limit) => gen(nat, limit - 1),
});

const DEPTH = 5;
/** As a document may have. */
const MOST_ALIASES = 100;
const VARIABLES = {
  yes: { type: 'Boolean!', value: true },
  no: { type: 'Boolean!', value: false },
  few: { type: 'Int', value: 2 },
  tooMany: { type: 'Int', value: 1_000 },
};

/**
 * A valid subscription on that field, with `$after`, of random shape: nested selections, aliases, fragments with and
 * without names, directives, arguments from literals and variables; some of its fields fail.
 */
export function randomOperation(schema: GraphQLSchema, field: string, draw: Draw): RandomOperation {
  const fragments: string[] = [];
  let aliases = 0;
  const chance = (percent: number) => draw.below(100) < percent;
  const pick = <T>(from: readonly T[]): T => from[draw.below(from.length)] as T;

  function directive(): string {
    if (!chance(15)) return '';
    const value = pick(['true', '$yes', '$no']);
    return chance(50) ? ` @include(if: ${value})` : ` @skip(if: ${value})`;
  }

  function args({ args: known }: GraphQLField<unknown, unknown>): string {
    if (!known.some(({ name }) => name === 'first') || !chance(60)) return '';
    return `(first: ${pick(['1', '0', '$few', '$tooMany', '-1'])})`;
  }

  function fieldsOf(type: GraphQLOutputType, depth: number): string {
    const named = getNamedType(type);
    if (isLeafType(named)) return '';
    const parts: string[] = ['__typename'];
    if ('getFields' in named) {
      const known = Object.values(named.getFields()).filter(
        ({ args: needed, type: of }) =>
          !needed.some(isRequiredArgument) && (depth > 0 || isLeafType(getNamedType(of))),
      );
      const count = 1 + draw.below(4);
      for (let n = 0; n < count && known.length > 0 && aliases < MOST_ALIASES; n += 1) {
        const chosen = pick(known);
        // An alias of its own keeps selections that meet from being different under one name.
        aliases += 1;
        const alias = chance(70) ? `f${aliases}` : `${chosen.name}${aliases}`;
        parts.push(
          `${alias}: ${chosen.name}${args(chosen)}${directive()}${fieldsOf(chosen.type, depth - 1)}`,
        );
      }
    }
    if (isCompositeType(named)) {
      const possible = isAbstractType(named)
        ? schema.getPossibleTypes(named)
        : isObjectType(named)
          ? [named]
          : [];
      for (const type_ of possible) {
        if (depth <= 0 || !chance(isAbstractType(named) ? 60 : 15)) continue;
        const inner = fieldsOf(type_, depth - 1);
        if (chance(50)) {
          parts.push(`... on ${type_.name}${directive()}${inner}`);
        } else {
          const name = `F${fragments.length}`;
          fragments.push('');
          fragments[Number(name.slice(1))] = `fragment ${name} on ${type_.name}${inner}`;
          parts.push(`...${name}${directive()}`);
        }
      }
    }
    return ` { ${parts.join(' ')} }`;
  }

  const root = schema.getSubscriptionType()?.getFields()[field];
  if (!root) throw new Error(`there is no subscription ${field}`);
  const alias = chance(30) ? 'news: ' : '';
  const selection = fieldsOf(root.type, DEPTH);
  const body = `{ ${alias}${field}(after: $after)${selection} } ${fragments.join(' ')}`;
  const used = Object.entries(VARIABLES).filter(([name]) => new RegExp(`\\$${name}\\b`).test(body));
  const declared = ['$after: String', ...used.map(([name, { type }]) => `$${name}: ${type}`)];
  return {
    query: `subscription${chance(50) ? ' News' : ''}(${declared.join(', ')}) ${body}`,
    variables: Object.fromEntries(used.map(([name, { value }]) => [name, value])),
  };
}
