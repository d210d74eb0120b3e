import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type GraphQLCompositeType,
  type GraphQLField,
  GraphQLIncludeDirective,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isRequiredArgument,
  isUnionType,
  type OperationTypeNode,
} from 'graphql';
import { type Draw, type ValueOptions, ValueWriter } from './random-value.ts';

/** A valid operation with its variables: some of those that have a default, or may be null, are left out or null. */
export interface RandomOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

export interface OperationOptions extends ValueOptions {
  readonly schema: GraphQLSchema;
  /** Levels of fields, the root's included. */
  readonly depth: number;
  /** Whether fields and fragments may have `@skip` and `@include`. */
  readonly directives: boolean;
}

/**
 * Any query that the schema allows: fields, repeated ones too, aliases, fragments of both kinds, directives, and values
 * of every kind. Whatever is drawn comes from `draw`, so a seed of fast-check gives the same operation again.
 */
export function randomQuery(draw: Draw, options: OperationOptions): RandomOperation {
  return new OperationWriter(draw, options).query();
}

/** The same of one of the mutation's fields. */
export function randomMutation(draw: Draw, options: OperationOptions, field: string): RandomOperation {
  return new OperationWriter(draw, options).oneField('mutation', field);
}

/** The same of one of the subscription's fields, with `$after`, which the subscriber gives. */
export function randomSubscription(draw: Draw, options: OperationOptions, field: string): RandomOperation {
  return new OperationWriter(draw, options).oneField('subscription', field);
}

/** A document may have 100. */
const MOST_ALIASES = 90;
/** A document may have 50. */
const MOST_DIRECTIVES = 40;
/** What every object has in JavaScript, what makes a promise, and what looks like the path of another field. */
const ODD_NAMES = ['constructor', 'toString', '__proto__', 'then', 'length', 'nodes_accounts', '_', 'idx0'];

class OperationWriter {
  readonly #draw: Draw;
  readonly #options: OperationOptions;
  readonly #values: ValueWriter;
  readonly #fragments: string[] = [];
  /** Names of fields in the answer: each belongs to one field, so that no two can contradict each other. */
  readonly #keys = new Set<string>();
  #aliases = 0;
  #directives = 0;

  constructor(draw: Draw, options: OperationOptions) {
    this.#draw = draw;
    this.#options = options;
    this.#values = new ValueWriter(draw, options);
  }

  query(): RandomOperation {
    const { schema, depth } = this.#options;
    const root = schema.getQueryType() ?? assert.fail('the schema has no queries');
    return this.#operation(this.#once(2) ? 'query' : 'query Q', this.#selection(root, depth));
  }

  oneField(kind: `${OperationTypeNode}`, name: string): RandomOperation {
    const { schema, depth } = this.#options;
    const field = schema.getRootType(kind as OperationTypeNode)?.getFields()[name];
    const type = getNamedType(field?.type);
    if (!field || !isCompositeType(type)) throw new Error(`there is no ${kind} ${name}`);
    const alias = this.#once(2) ? 'news: ' : '';
    const isStream = kind === 'subscription';
    if (isStream) this.#values.definitions.push('$after: String');
    const args = isStream ? ['after: $after'] : field.args.flatMap((one) => this.#values.argument(one));
    const call = `${alias}${name}${args.length > 0 ? `(${args.join(', ')})` : ''}`;
    return this.#operation(
      this.#once(2) ? kind : `${kind} Named`,
      `{ ${call} ${this.#selection(type, depth)} }`,
    );
  }

  #operation(head: string, selection: string): RandomOperation {
    const { definitions, variables } = this.#values;
    const declared = definitions.length > 0 ? `(${definitions.join(', ')})` : '';
    return { query: [`${head}${declared} ${selection}`, ...this.#fragments].join('\n'), variables };
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const parts = isUnionType(type) ? ['__typename'] : this.#fieldsOf(type, depth);
    if (isAbstractType(type)) {
      for (const possible of this.#options.schema.getPossibleTypes(type)) {
        if (!this.#once(2)) parts.push(`... on ${possible.name} ${this.#selection(possible, depth)}`);
      }
    }
    // What stands twice is merged with itself.
    const [again] = parts;
    if (again !== undefined && this.#aliases < MOST_ALIASES / 3 && this.#once(12)) parts.push(again);
    return `{ ${parts.map((part) => this.#perhapsInFragment(part, type)).join(' ')} }`;
  }

  #fieldsOf(type: Exclude<GraphQLCompositeType, { getTypes(): unknown }>, depth: number): string[] {
    const fields = Object.values(type.getFields()).filter(
      (field) =>
        (depth > 1 || !isComposite(field.type)) &&
        field.args.every((argument) => !isRequiredArgument(argument) || this.#values.canGive(argument)),
    );
    const count = fields.length > 0 ? 1 + this.#draw(fc.nat, { max: 3 }) : 0;
    const chosen = Array.from(
      { length: count },
      () => fields[this.#draw(fc.nat, { max: fields.length - 1 })],
    );
    return [...chosen.flatMap((field) => (field && this.#field(field, depth)) ?? []), '__typename'];
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string | null {
    if (this.#aliases >= MOST_ALIASES) return null;
    const type: GraphQLNamedType = getNamedType(field.type);
    const args = field.args.flatMap((argument) => this.#values.argument(argument));
    const selection = isCompositeType(type) ? ` ${this.#selection(type, depth - 1)}` : '';
    const call = `${field.name}${args.length > 0 ? `(${args.join(', ')})` : ''}`;
    return `${this.#alias(field.name)}${call}${this.#directive()}${selection}`;
  }

  #alias(name: string): string {
    const odd = this.#once(80) ? ODD_NAMES : [];
    const free = [name, this.#unused(name), ...odd].filter((one) => !this.#keys.has(one));
    const key = this.#draw(fc.constantFrom, ...free);
    this.#keys.add(key);
    if (key === name) return '';
    this.#aliases += 1;
    return `${key}: `;
  }

  #directive(): string {
    if (!this.#options.directives || this.#directives >= MOST_DIRECTIVES || !this.#once(4)) return '';
    const [condition] = GraphQLIncludeDirective.args;
    if (!condition) throw new Error('@include has no argument');
    const names = this.#draw(fc.subarray, ['include', 'skip'], { minLength: 1 });
    this.#directives += names.length;
    return names.map((name: string) => ` @${name}(if: ${this.#values.condition(condition)})`).join('');
  }

  #perhapsInFragment(part: string, type: GraphQLCompositeType): string {
    if (!this.#once(5)) return part;
    if (this.#once(2)) return `...${this.#directive()} { ${part} }`;
    const name = `Part${this.#fragments.length + 1}`;
    this.#fragments.push(`fragment ${name} on ${type.name} { ${part} }`);
    return `...${name}${this.#directive()}`;
  }

  #unused(stem: string): string {
    let n = 1;
    while (this.#keys.has(`${stem}${n}`)) n += 1;
    return `${stem}${n}`;
  }

  /** Once in `outOf` times. */
  #once(outOf: number): boolean {
    return this.#draw(fc.nat, { max: outOf - 1 }) === 0;
  }
}

const isComposite = (type: GraphQLOutputType): boolean => isCompositeType(getNamedType(type));
