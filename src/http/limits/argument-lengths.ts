import {
  type ArgumentNode,
  type ASTNode,
  type DefinitionNode,
  type DocumentNode,
  type ExecutionArgs,
  type GraphQLArgument,
  GraphQLError,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isListType,
  Kind,
  type OperationDefinitionNode,
  separateOperations,
  TypeInfo,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { badUserInput, GatewayError } from '../../domain/errors.ts';
import { longestOf, MOST_ITEMS } from '../../schema/text-lengths.ts';
import { publicError } from '../errors.ts';
import { refuseBeforeRun } from '../refuse-before-run.ts';
import { MAX_NAME } from './text-limits.ts';

/**
 * Refuses texts and lists that are longer than `text-lengths.ts` allows, before anything reads them: what is written in
 * a document before it is validated, and what comes in variables before they are coerced.
 */
export function useArgumentLengths(schema: GraphQLSchema): Plugin {
  /** Of documents that Yoga keeps parsed, and asks about with each request. */
  const known = new WeakMap<object, Arguments>();
  const argumentsOf = (document: DocumentNode): Arguments => {
    let found = known.get(document);
    if (!found) known.set(document, (found = readArguments(schema, document)));
    return found;
  };
  return {
    onValidate({ params: { documentAST }, setResult }) {
      const { refusal } = argumentsOf(documentAST as DocumentNode);
      if (refusal) setResult([refusal]);
    },
    ...refuseBeforeRun((args) => refusalOf(args, argumentsOf(args.document).open)),
  };
}

/** An argument that a document gives, and what takes it. */
interface Given {
  readonly node: ArgumentNode;
  readonly argument: GraphQLArgument;
  /** The operation or fragment that it stands in. */
  readonly definition: DefinitionNode;
}

interface Arguments {
  /** Why the document cannot be answered whatever its variables; null when it can. */
  readonly refusal: GraphQLError | null;
  /** Those whose values hold variables. */
  readonly open: readonly Given[];
}

function readArguments(schema: GraphQLSchema, document: DocumentNode): Arguments {
  const types = new TypeInfo(schema);
  const operations = operationsOf(document);
  const [only] = operations;
  const defaults = only && operations.length === 1 ? defaultsOf(only) : {};
  const open: Given[] = [];
  let refusal: GraphQLError | null = null;
  for (const definition of document.definitions) {
    visit(
      definition,
      visitWithTypeInfo(types, {
        Argument(node) {
          const argument = types.getArgument();
          if (!argument) return;
          refusal ??= refusalAt(node, argument, defaults);
          if (holdsVariable(node)) open.push({ node, argument, definition });
        },
      }),
    );
  }
  return { refusal, open };
}

function holdsVariable(node: ASTNode): boolean {
  let holds = false;
  visit(node, {
    Variable() {
      holds = true;
    },
  });
  return holds;
}

function refusalOf(
  { document, operationName, variableValues }: ExecutionArgs,
  open: readonly Given[],
): GraphQLError | null {
  const operation = open.length > 0 ? getOperationAST(document, operationName) : null;
  if (!operation) return null;
  // Of several operations, others may have variables of the same name.
  const isAlone = operationsOf(document).length === 1;
  const own = isAlone ? document : separateOperations(document)[operation.name?.value ?? ''];
  const values = { ...defaultsOf(operation), ...variableValues };
  for (const { node, argument, definition } of open) {
    const refusal = own?.definitions.includes(definition) ? refusalAt(node, argument, values) : null;
    if (refusal) return refusal;
  }
  return null;
}

const operationsOf = ({ definitions }: DocumentNode): OperationDefinitionNode[] =>
  definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Record<string, unknown> {
  const defaults: Record<string, unknown> = {};
  for (const { variable, defaultValue } of variableDefinitions) {
    if (defaultValue) defaults[variable.name.value] = valueFromASTUntyped(defaultValue);
  }
  return defaults;
}

function refusalAt(
  node: ArgumentNode,
  argument: GraphQLArgument,
  variables: Readonly<Record<string, unknown>>,
): GraphQLError | null {
  try {
    check(valueFromASTUntyped(node.value, variables), argument.type, longestOf(argument), argument.name);
    return null;
  } catch (error) {
    if (error instanceof GatewayError) return publicError(error, new GraphQLError('', { nodes: node }));
    throw error;
  }
}

/**
 * What has another form than its type is left to the executor, which says so.
 * @param field the argument's path as the client wrote it.
 * @throws GatewayError BAD_USER_INPUT.
 */
function check(value: unknown, type: GraphQLInputType, characters: number, field: string): void {
  const bare = getNullableType(type);
  if (isListType(bare)) {
    const items = Array.isArray(value) ? value : [value];
    if (items.length > MOST_ITEMS) {
      throw badUserInput(
        field,
        `${field} has ${items.length} items; ${MOST_ITEMS} are allowed. Ask in several operations.`,
      );
    }
    for (const item of items) check(item, bare.ofType, characters, field);
  } else if (isInputObjectType(bare)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    checkMembers(Object.keys(value), bare, field);
    for (const input of Object.values(bare.getFields())) {
      const member = (value as Record<string, unknown>)[input.name];
      check(member, input.type, longestOf(input), `${field}.${input.name}`);
    }
  } else if (typeof value === 'string' && value.length > characters) {
    throw badUserInput(
      field,
      `${field} has ${value.length} characters; ${characters} are allowed. Send a shorter text.`,
    );
  }
}

/**
 * The executor says of each member that its type does not have, and looks at the whole object each time.
 * @throws GatewayError BAD_USER_INPUT.
 */
function checkMembers(names: readonly string[], type: GraphQLInputObjectType, field: string): void {
  const most = Object.keys(type.getFields()).length;
  if (names.length > most) {
    throw badUserInput(
      field,
      `${field} has ${names.length} members; ${type.name} has ${most}. Leave the others out.`,
    );
  }
  const long = names.find(({ length }) => length > MAX_NAME)?.length;
  if (long !== undefined) {
    throw badUserInput(
      field,
      `A member of ${field} has a name of ${long} characters; ${type.name} has no such member.`,
    );
  }
}
