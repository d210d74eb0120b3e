import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

type Draw = fc.GeneratorValue;

/** A valid operation with its variables. */
export interface RandomOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OperationOptions {
  readonly schema: GraphQLSchema;
  /** Values for arguments, by the argument's name or its type's: what is drawn for an argument that has any. */
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  /** Levels of fields, the root's included. */
  readonly depth: number;
  /** Whether fields and fragments may have `@skip` and `@include`. */
  readonly directives: boolean;
}

/** Any query that the schema allows: fields, aliases, fragments of both kinds, directives, literals and variables. */
export function randomQuery(draw: Draw, options: OperationOptions): RandomOperation {
  return new OperationWriter(draw, options).query();
}

/** The same on a field of the subscriptions, with `$after`, which is left to whoever subscribes. */
export function randomSubscription(draw: Draw, options: OperationOptions, field: string): RandomOperation {
  return new OperationWriter(draw, options).subscription(field);
}

/** A document may have 100, and the root's may be one. */
const MOST_ALIASES = 99;

class OperationWriter {
  readonly #draw: Draw;
  readonly #options: OperationOptions;
  readonly #fragments: string[] = [];
  readonly #definitions: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  #names = 0;
  #aliases = 0;

  constructor(draw: Draw, options: OperationOptions) {
    this.#draw = draw;
    this.#options = options;
  }

  query(): RandomOperation {
    const { schema, depth } = this.#options;
    const root = schema.getQueryType() ?? assert.fail('the schema has no queries');
    return this.#operation('query Q', this.#selection(root, depth));
  }

  subscription(name: string): RandomOperation {
    const { schema, depth } = this.#options;
    const field = schema.getSubscriptionType()?.getFields()[name];
    const type = getNamedType(field?.type);
    if (!isCompositeType(type)) throw new Error(`there is no subscription ${name}`);
    const alias = this.#draw(fc.boolean) ? 'news: ' : '';
    const head = this.#draw(fc.boolean) ? 'subscription News' : 'subscription';
    this.#definitions.push('$after: String');
    return this.#operation(head, `{ ${alias}${name}(after: $after) ${this.#selection(type, depth)} }`);
  }

  #operation(head: string, selection: string): RandomOperation {
    const definitions = this.#definitions.length > 0 ? `(${this.#definitions.join(', ')})` : '';
    const query = [`${head}${definitions} ${selection}`, ...this.#fragments].join('\n');
    return { query, variables: this.#variables };
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const parts = isUnionType(type) ? ['__typename'] : this.#fieldsOf(type, depth);
    if (isAbstractType(type)) {
      for (const possible of this.#options.schema.getPossibleTypes(type)) {
        if (this.#chance(2)) parts.push(`... on ${possible.name} ${this.#selection(possible, depth)}`);
      }
    }
    return `{ ${parts.map((part) => this.#perhapsInFragment(part, type)).join(' ')} }`;
  }

  #fieldsOf(type: Exclude<GraphQLCompositeType, { getTypes(): unknown }>, depth: number): string[] {
    const fields = type.getFields();
    const names = Object.values(fields)
      .filter(
        ({ type, args }) => (depth > 1 || !isComposite(type)) && args.every((one) => this.#canGive(one)),
      )
      .map(({ name }) => name);
    const count = names.length > 0 ? 1 + this.#draw(fc.nat, { max: 3 }) : 0;
    const chosen = Array.from({ length: count }, () => this.#draw(fc.constantFrom, ...names));
    return [
      '__typename',
      ...chosen.flatMap((name) => this.#field(fields[name] ?? assert.fail(), depth) ?? []),
    ];
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string | null {
    if (this.#aliases === MOST_ALIASES) return null;
    this.#aliases += 1;
    const type: GraphQLNamedType = getNamedType(field.type);
    const args = field.args.flatMap((argument) => this.#argument(argument) ?? []);
    const selection = isCompositeType(type) ? ` ${this.#selection(type, depth - 1)}` : '';
    // A name of its own, so that no two fields of one place can contradict each other.
    const alias = `${this.#name(field.name)}: `;
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.#directive()}${selection}`;
  }

  #argument(argument: GraphQLArgument): string | null {
    const values = this.#valuesOf(argument);
    if (!isRequiredArgument(argument) && (values.length === 0 || this.#chance(2))) return null;
    const value = values[this.#draw(fc.nat, { max: values.length - 1 })];
    if (!this.#chance(2) || typeof value === 'object') return `${argument.name}: ${literal(value)}`;
    return `${argument.name}: ${this.#variable(String(argument.type), value)}`;
  }

  #canGive(argument: GraphQLArgument): boolean {
    return !isRequiredArgument(argument) || this.#valuesOf(argument).length > 0;
  }

  #valuesOf({ name, type }: GraphQLArgument): readonly unknown[] {
    const { values } = this.#options;
    return values[name] ?? values[getNamedType(type).name] ?? [];
  }

  #directive(): string {
    if (!this.#options.directives || this.#chance(4)) return '';
    const name = this.#draw(fc.constantFrom, 'include', 'skip');
    const value = this.#draw(fc.boolean);
    if (this.#draw(fc.boolean)) return ` @${name}(if: ${value})`;
    return ` @${name}(if: ${this.#variable('Boolean!', value)})`;
  }

  #perhapsInFragment(part: string, type: GraphQLCompositeType): string {
    if (this.#chance(5)) return part;
    if (this.#draw(fc.boolean)) return `...${this.#directive()} { ${part} }`;
    const name = this.#name('Part');
    this.#fragments.push(`fragment ${name} on ${type.name} { ${part} }`);
    return `...${name}${this.#directive()}`;
  }

  #variable(type: string, value: unknown): string {
    const name = this.#name('v');
    this.#definitions.push(`$${name}: ${type}`);
    this.#variables[name] = value;
    return `$${name}`;
  }

  /** All but one of `outOf` times. */
  #chance(outOf: number): boolean {
    return this.#draw(fc.nat, { max: outOf - 1 }) > 0;
  }

  #name(stem: string): string {
    this.#names += 1;
    return `${stem}_${this.#names}`;
  }
}

const isComposite = (type: GraphQLOutputType): boolean => isCompositeType(getNamedType(type));

/** An object is written as an input object whose texts in upper case are enum values. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => {
    const isEnumValue = typeof member === 'string' && /^[A-Z_]+$/.test(member);
    return `${name}: ${isEnumValue ? member : literal(member)}`;
  });
  return `{ ${members.join(', ')} }`;
}
