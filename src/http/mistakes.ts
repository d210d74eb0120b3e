import { type ASTNode, GraphQLError, Kind, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ERROR_CODES } from '../domain/errors.ts';

/**
 * A mistake in the request, as it is, with the code BAD_USER_INPUT: libraries have words of their own for it, clients
 * are promised ours.
 * @param field the argument whose value its type does not allow, in `extensions.field`: `filter.from`.
 */
export function mistake(error: GraphQLError, field = mistakenVariable(error)): GraphQLError {
  const { nodes, source, positions, extensions } = error;
  const code = String(extensions.code) in ERROR_CODES ? extensions.code : 'BAD_USER_INPUT';
  return new GraphQLError(withoutValue(error), {
    ...(nodes && { nodes }),
    ...(source && { source }),
    ...(positions && { positions }),
    extensions: { ...extensions, code, ...(field !== undefined && { field }) },
  });
}

/** What validation finds; it tells the place in the document alone, which no program knows its arguments by. */
export function useMistakes(): Plugin {
  return {
    onValidate:
      ({ params: { documentAST } }) =>
      ({ valid, result, setResult }) => {
        if (valid) return;
        const places = placesIn(documentAST as ASTNode);
        setResult(
          (result as readonly GraphQLError[]).map((error) =>
            mistake(error, error.nodes?.map((node) => places.get(node)).find(Boolean)),
          ),
        );
      },
  };
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

/** What a variable held may be a key or a token, and messages end in logs of clients: the reason is told without it. */
function withoutValue({ message, originalError }: GraphQLError): string {
  const variable = OF_VARIABLE.exec(message)?.[0];
  if (!variable || !originalError) return message;
  const place = PLACE.exec(message)?.[0].slice(0, -1) ?? '';
  return `${variable} got an invalid value${place}: ${originalError.message.replace(/ value: .*/s, ' value.')}`;
}
