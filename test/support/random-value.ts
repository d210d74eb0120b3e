import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';
import { literal } from './literal.ts';

export type Draw = fc.GeneratorValue;

/** What takes a value: an argument or a member of an input object. */
export type Place = GraphQLArgument | GraphQLInputField;

/** Values of scalars by the place's name or the type's. Of enums and Boolean all are known. */
export type Values = Readonly<Record<string, readonly unknown[]>>;

export interface ValueOptions {
  readonly values: Values;
  /** Of one place alone, in the place of those. */
  readonly valuesAt?: ReadonlyMap<Place, readonly unknown[]>;
  /** Whether a variable may be null where a default lets it stand and null is not allowed: the operation is refused. */
  readonly nullsAnywhere?: boolean;
}

/** A document may have 50. */
const MOST_VARIABLES = 40;

/** Writes the values of one operation: literals, variables, and literals that hold variables; all as their types allow. */
export class ValueWriter {
  /** Of the operation, such as `$v1: Int! = 3`. */
  readonly definitions: string[] = [];
  /** Those that are given. */
  readonly variables: Record<string, unknown> = {};
  readonly #draw: Draw;
  readonly #options: ValueOptions;
  /** Variables by the type of a place without a default of its own. */
  readonly #declared = new Map<string, string>();

  constructor(draw: Draw, options: ValueOptions) {
    this.#draw = draw;
    this.#options = options;
  }

  /** Whether there are values for everything that the place needs. */
  canGive(place: Place): boolean {
    const type = getNamedType(place.type);
    if (isInputObjectType(type)) {
      return Object.values(type.getFields()).every(
        (field) => !isRequiredInputField(field) || this.canGive(field),
      );
    }
    return this.#leaves(place).length > 0;
  }

  /** `name: value`, or nothing where the argument may be left out. */
  argument(argument: GraphQLArgument): string[] {
    if (!isRequiredArgument(argument) && (!this.canGive(argument) || this.#once(3))) return [];
    return [`${argument.name}: ${this.#value(argument, argument.type, argument.defaultValue !== undefined)}`];
  }

  /** A Boolean that may not be null. */
  condition(argument: GraphQLArgument): string {
    return this.#value(argument, argument.type, false);
  }

  /** @param hasDefault whether the place has a value when a variable has none. */
  #value(place: Place, type: GraphQLInputType, hasDefault: boolean): string {
    if (this.definitions.length < MOST_VARIABLES && this.#once(3))
      return this.#variable(place, type, hasDefault);
    if (!isNonNullType(type) && this.#once(10)) return 'null';
    const bare = getNullableType(type);
    if (isListType(bare)) {
      // One item stands for a list of one.
      if (this.#once(6)) return this.#constant(place, bare.ofType);
      return `[${this.#some(() => this.#value(place, bare.ofType, false)).join(', ')}]`;
    }
    if (!isInputObjectType(bare)) return this.#constant(place, type);
    const members = this.#members(bare).map(
      (field) => `${field.name}: ${this.#value(field, field.type, field.defaultValue !== undefined)}`,
    );
    return `{ ${members.join(', ')} }`;
  }

  #variable(place: Place, type: GraphQLInputType, hasDefault: boolean): string {
    const known = hasDefault ? undefined : this.#declared.get(String(type));
    if (known !== undefined && this.#once(2)) return known;
    const name = `v${this.definitions.length + 1}`;
    const bare = getNullableType(type);
    const ownDefault = this.#once(2) ? this.#constant(place, bare) : null;
    // Null may be let in where the place or the variable has another value for what is left out.
    const mayBeNull = !isNonNullType(type) || hasDefault || ownDefault !== null;
    const isNonNull = mayBeNull ? this.#once(3) : true;
    const declared = isNonNull ? `${String(bare)}!` : String(bare);
    this.definitions.push(`$${name}: ${declared}${ownDefault === null ? '' : ` = ${ownDefault}`}`);
    const mayBeAbsent = !isNonNull || ownDefault !== null;
    const isRefused = isNonNull || (isNonNullType(type) && !this.#options.nullsAnywhere);
    if (mayBeAbsent && this.#once(3)) {
      // Left out.
    } else if (!isRefused && this.#once(4)) this.variables[name] = null;
    else this.variables[name] = this.#given(place, bare, true);
    if (!hasDefault) this.#declared.set(String(type), `$${name}`);
    return `$${name}`;
  }

  #constant(place: Place, type: GraphQLInputType): string {
    return literal(this.#given(place, type, false), type);
  }

  /** A value as JSON has it. @param isVariable of one: a list may be given as its one item. */
  #given(place: Place, type: GraphQLInputType, isVariable: boolean): unknown {
    const bare = getNullableType(type);
    if (isListType(bare)) {
      if (isVariable && this.#once(6)) return this.#given(place, bare.ofType, isVariable);
      return this.#some(() => this.#given(place, bare.ofType, isVariable));
    }
    if (isInputObjectType(bare)) {
      return Object.fromEntries(
        this.#members(bare).map((field) => {
          const isNull = !isNonNullType(field.type) && this.#once(6);
          return [field.name, isNull ? null : this.#given(field, field.type, isVariable)];
        }),
      );
    }
    const leaves = this.#leaves(place);
    return (
      leaves[this.#draw(fc.nat, { max: leaves.length - 1 })] ?? assert.fail(`no value for ${place.name}`)
    );
  }

  /** Those that are needed, and some of the others. */
  #members(type: GraphQLInputObjectType): GraphQLInputField[] {
    return Object.values(type.getFields()).filter(
      (field) => isRequiredInputField(field) || (this.canGive(field) && this.#once(2)),
    );
  }

  #leaves(place: Place): readonly unknown[] {
    const { values, valuesAt } = this.#options;
    const own = valuesAt?.get(place);
    if (own) return own;
    const { name, type } = place;
    const named = getNamedType(type);
    if (values[name]) return values[name];
    if (values[named.name]) return values[named.name] ?? [];
    if (isEnumType(named)) return named.getValues().map((value) => value.name);
    return named.name === 'Boolean' ? [true, false] : [];
  }

  #some<T>(one: () => T): T[] {
    return Array.from({ length: this.#draw(fc.nat, { max: 3 }) }, one);
  }

  /** Once in `outOf` times. */
  #once(outOf: number): boolean {
    return this.#draw(fc.nat, { max: outOf - 1 }) === 0;
  }
}
