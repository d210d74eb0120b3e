import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

type Draw = fc.GeneratorValue;

/** A valid query with its variables. */
export interface Query {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface CorpusOptions {
  readonly schema: GraphQLSchema;
  /** Values for arguments, by the argument's name or its type's: what is drawn for an argument that has any. */
  readonly values: Readonly<Record<string, readonly unknown[]>>;
  /** Levels of fields, the root's included. */
  readonly depth: number;
  /** Whether fields and fragments may have `@skip` and `@include`. */
  readonly directives: boolean;
}

/** Any query that the schema allows: fields, aliases, fragments of both kinds, directives, literals and variables. */
export function anyQuery(draw: Draw, options: CorpusOptions): Query {
  const query = new QueryWriter(draw, options);
  return query.write();
}

class QueryWriter {
  readonly #draw: Draw;
  readonly #options: CorpusOptions;
  readonly #fragments: string[] = [];
  readonly #definitions: string[] = [];
  readonly #variables: Record<string, unknown> = {};
  #names = 0;

  constructor(draw: Draw, options: CorpusOptions) {
    this.#draw = draw;
    this.#options = options;
  }

  write(): Query {
    const { schema, depth } = this.#options;
    const root = schema.getQueryType();
    if (!root) throw new Error('the schema has no queries');
    const selection = this.#selection(root, depth);
    const head = this.#definitions.length > 0 ? `query Q(${this.#definitions.join(', ')})` : 'query Q';
    return { query: [`${head} ${selection}`, ...this.#fragments].join('\n'), variables: this.#variables };
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
    const names = Object.keys(fields).filter(
      (name) => depth > 1 || !isCompositeType(getNamedType(fields[name]?.type)),
    );
    const chosen = this.#draw(fc.subarray, names, { maxLength: Math.min(4, names.length) });
    return ['__typename', ...chosen.map((name) => this.#field(fields[name] ?? assert.fail(), depth))];
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const type: GraphQLNamedType = getNamedType(field.type);
    const args = field.args.flatMap((argument) => this.#argument(argument) ?? []);
    const selection = isCompositeType(type) ? ` ${this.#selection(type, depth - 1)}` : '';
    // A name of its own, so that no two fields of one place can contradict each other.
    const alias = `${this.#name(field.name)}: `;
    return `${alias}${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}${this.#directive()}${selection}`;
  }

  #argument(argument: GraphQLArgument): string | null {
    const values =
      this.#options.values[argument.name] ?? this.#options.values[getNamedType(argument.type).name] ?? [];
    if (!isRequiredArgument(argument) && (values.length === 0 || this.#chance(2))) return null;
    const value = values[this.#draw(fc.nat, { max: values.length - 1 })];
    if (!this.#chance(2) || typeof value === 'object') return `${argument.name}: ${literal(value)}`;
    return `${argument.name}: ${this.#variable(String(argument.type), value)}`;
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

/** An object is written as an input object whose texts in upper case are enum values. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => {
    const isEnumValue = typeof member === 'string' && /^[A-Z_]+$/.test(member);
    return `${name}: ${isEnumValue ? member : literal(member)}`;
  });
  return `{ ${members.join(', ')} }`;
}
