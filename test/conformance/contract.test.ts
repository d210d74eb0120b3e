import { readFileSync } from 'node:fs';
import {
  type ASTNode,
  type DocumentNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  type TypeDefinitionNode,
  visit,
} from 'graphql';
import { describe, expect, test } from 'vitest';

const read = (path: string) => parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
const SCHEMA = read('../../schema.graphql');

/**
 * One line for each thing that a document promises, such as `Query.accounts(first:): Int` or `Provider = CASSO`:
 * promises are kept when no line is missing.
 */
function promises({ definitions }: DocumentNode): string[] {
  const types = definitions.filter(({ kind }) => kind !== Kind.SCHEMA_DEFINITION);
  return types.flatMap((definition) => promisesOf(definition as TypeDefinitionNode));
}

function promisesOf(type: TypeDefinitionNode): string[] {
  const name = type.name.value;
  return [`${type.kind} ${name}`, ...membersOf(type).map((member) => `${name}${member}`)];
}

function membersOf(type: TypeDefinitionNode): string[] {
  if (type.kind === Kind.SCALAR_TYPE_DEFINITION) return [];
  if (type.kind === Kind.ENUM_TYPE_DEFINITION)
    return type.values?.map((value) => ` = ${value.name.value}`) ?? [];
  if (type.kind === Kind.UNION_TYPE_DEFINITION)
    return type.types?.map((member) => ` = ${print(member)}`) ?? [];
  if (type.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
    return type.fields?.map((field) => `.${input(field)}`) ?? [];
  return [
    ...(type.interfaces ?? []).map((parent) => ` implements ${print(parent)}`),
    ...(type.fields ?? []).flatMap((field) => [
      `.${field.name.value}: ${print(field.type)}`,
      ...(field.arguments ?? []).map((argument) => `.${field.name.value}(${input(argument)})`),
    ]),
  ];
}

/** A line about an argument, or about a field of an input type. */
const isInput = (line: string): boolean => line.includes('(') || /^\w+(Input|Filter)\./.test(line);

function input({ name, type, defaultValue }: InputValueDefinitionNode): string {
  return `${name.value}: ${print(type)}${defaultValue ? ` = ${print(defaultValue)}` : ''}`;
}

/** What frontends were promised before there was any code. */
const contract = promises(read('../fixtures/contract.graphql'));

describe('the schema that the code prints', () => {
  const kept = new Set(promises(SCHEMA));

  test('has every type, field, argument, enum value and input field of the contract', () => {
    expect(contract.length).toBeGreaterThan(400);
    expect(contract.filter((promise) => !kept.has(promise))).toEqual([]);
  });

  test('requires no argument and no input field that a client of the contract would not give', () => {
    const required = [...kept].filter((line) => /^\w+\.\w+(\(\w+)?: [^=]+!\)?$/.test(line)).filter(isInput);
    expect(required).toContain('Query.account(id: ID!)');
    expect(required).toContain('LinkCassoApiKeyInput.apiKey: String!');
    expect(required.filter((line) => !contract.includes(line))).toEqual([]);
  });

  test('describes every type, field, argument, enum value and input field', () => {
    const undescribed: string[] = [];
    const described = (node: ASTNode, path: readonly ASTNode[]) => {
      if (!('description' in node) || node.description?.value.trim()) return;
      const names = [...path, node].flatMap((one) =>
        'name' in one && one.name?.kind === Kind.NAME ? [one.name.value] : [],
      );
      undescribed.push(names.join('.'));
    };
    let seen = 0;
    visit(SCHEMA, {
      enter(node, _key, _parent, _path, ancestors) {
        if (!node.kind.endsWith('Definition') || node.kind === Kind.SCHEMA_DEFINITION) return;
        seen += 1;
        described(
          node,
          ancestors.flatMap((one) => ('kind' in one ? [one] : [])),
        );
      },
    });
    expect(seen).toBeGreaterThan(400);
    expect(undescribed).toEqual([]);
  });
});
