import { type ASTNode, GraphQLError, isValueNode, Kind, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ERROR_CODES } from '../domain/errors.ts';

export interface MistakeOptions {
  /** Tells what may have been meant: names of the schema, for those who may read it anyway. */
  readonly suggestions: boolean;
}

/**
 * A mistake in the request, as it is, with the code BAD_USER_INPUT: libraries have words of their own for it, clients
 * are promised ours.
 * @param field the argument whose value its type does not allow, in `extensions.field`: `filter.from`.
 */
export function mistake(
  error: GraphQLError,
  { suggestions }: MistakeOptions,
  field = mistakenVariable(error),
): GraphQLError {
  const { nodes, source, positions, extensions } = error;
  const isOurs = String(extensions.code) in ERROR_CODES;
  const code = isOurs ? extensions.code : 'BAD_USER_INPUT';
  const message = isOurs ? error.message : withoutValue(error);
  return new GraphQLError(suggestions ? message : withoutSuggestion(message), {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    extensions: { ...(field !== undefined && { field }), ...extensions, code },
  });
}

/** What validation finds; it tells the place in the document alone, which no program knows its arguments by. */
export function useMistakes(options: MistakeOptions): Plugin {
  return {
    onValidate:
      ({ params: { documentAST } }) =>
      ({ valid, result, setResult }) => {
        if (valid) return;
        const places = placesIn(documentAST as ASTNode);
        const mistakes = (result as readonly GraphQLError[]).map((error) =>
          mistake(error, options, error.nodes?.map((node) => places.get(node)).find(Boolean)),
        );
        setResult(eachOnce(mistakes));
      },
  };
}

/** One error for a mistake that is made in several places, with all of them. */
function eachOnce(mistakes: readonly GraphQLError[]): GraphQLError[] {
  const groups = new Map<string, GraphQLError[]>();
  for (const error of mistakes) {
    const key = JSON.stringify([error.message, error.extensions]);
    const group = groups.get(key);
    if (group) group.push(error);
    else groups.set(key, [error]);
  }
  return [...groups.values()].map((group) => {
    const [first, ...others] = group as [GraphQLError, ...GraphQLError[]];
    if (others.length === 0) return first;
    const { message, extensions } = first;
    return new GraphQLError(message, { nodes: group.flatMap(({ nodes = [] }) => nodes), extensions });
  });
}

/** Of each value in a document, and of each part of one, the names that lead to it. */
function placesIn(document: ASTNode): ReadonlyMap<ASTNode, string> {
  const places = new Map<ASTNode, string>();
  const names: string[] = [];
  visit(document, {
    enter(node) {
      if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) names.push(node.name.value);
      if (names.length > 0) places.set(node, names.join('.'));
    },
    leave({ kind }) {
      if (kind === Kind.ARGUMENT || kind === Kind.OBJECT_FIELD) names.pop();
    },
  });
  return places;
}

const OF_VARIABLE = /^Variable "\$(\w+)"/;
const PLACE = / at "([\w.[\]]+)";/;

/** The variable, and the place in its value: the executor says it in its message alone. */
function mistakenVariable({ message }: GraphQLError): string | undefined {
  const variable = OF_VARIABLE.exec(message)?.[1];
  return variable && (PLACE.exec(message)?.[1] ?? variable);
}

const withoutSuggestion = (message: string): string => message.replace(/ Did you mean .*$/s, '');

/** What a variable or a literal held may be a key or a token, and messages end in logs of clients. */
function withoutValue(error: GraphQLError): string {
  const { message, originalError } = error;
  const variable = OF_VARIABLE.exec(message)?.[0];
  if (variable && originalError) {
    const place = PLACE.exec(message)?.[0].slice(0, -1) ?? '';
    return `${variable} got an invalid value${place}: ${withoutFound(originalError.message)}`;
  }
  if (message.startsWith('Syntax Error')) return message.replace(OF_TOKEN, '$1.');
  return literalsOf(error).reduce(
    (text, literal) => (literal.length < SHORT ? text : text.replaceAll(literal, '…')),
    withoutFound(message),
  );
}

/** How a syntax error ends: the kind of the token that it is about, and its text. */
const OF_TOKEN = /\b(Name|Int|Float|String|BlockString) ".*/s;

/** Nothing that is kept secret is as short, and in a message so short a text may be a word of its own. */
const SHORT = 4;

/** Takes away what scalars and enums say they found, as graphql-js and graphql-scalars put it. */
const withoutFound = (message: string): string =>
  message
    .replace(/(: |, found ).*/s, '.')
    .replace(/(date-time-string|Date type) .*/s, '$1.')
    .replace(/^Value ".*" (does not exist in)/s, 'The value $1');

/** The literals that an error is about, as they are written and as they are read. */
function literalsOf({ nodes = [] }: GraphQLError): string[] {
  const literals: string[] = [];
  for (const node of nodes) {
    if (!isValueNode(node)) continue;
    visit(node, {
      enter(part) {
        if ('value' in part && typeof part.value === 'string') literals.push(part.value);
      },
    });
  }
  return literals;
}
