import { Lexer, Source, TokenKind } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { queryTooComplex } from '../../domain/errors.ts';

/** Of a document, before it is read: what is kept of it holds its text. */
export const MAX_CHARACTERS = 100_000;
/** Of a document, before it is parsed. GraphiQL's introspection has about 250 tokens, nested 13 deep. */
export const MAX_TOKENS = 2_000;
/** Of a name, in characters: one error may repeat it in each of many places. */
export const MAX_NAME = 256;
/** Braces, brackets and parentheses inside each other: the parser goes as deep as they do. */
export const MAX_NESTING = 100;

const OPENING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L]);
const CLOSING: ReadonlySet<TokenKind> = new Set([TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R]);

/**
 * Looks at a document's text, which may be anything: what passes can be parsed in little time and stack.
 * @throws GatewayError QUERY_TOO_COMPLEX; GraphQLError where a character makes no sense, as the parser would.
 */
export function checkText(source: Source): void {
  const { length } = source.body;
  if (length > MAX_CHARACTERS) {
    throw queryTooComplex(
      `The document has ${length} characters; ${MAX_CHARACTERS} are allowed. Divide it, and send values as variables.`,
    );
  }
  const lexer = new Lexer(source);
  let nesting = 0;
  for (let tokens = 1; lexer.advance().kind !== TokenKind.EOF; tokens += 1) {
    if (tokens > MAX_TOKENS) {
      throw queryTooComplex(`The document has more than ${MAX_TOKENS} tokens: divide it.`);
    }
    const { kind, value, line, column } = lexer.token;
    if (kind === TokenKind.NAME && value.length > MAX_NAME) {
      throw queryTooComplex(
        `The name at ${line}:${column} has ${value.length} characters; ${MAX_NAME} are allowed. Give a shorter one.`,
      );
    }
    if (OPENING.has(kind)) nesting += 1;
    if (CLOSING.has(kind)) nesting -= 1;
    if (nesting > MAX_NESTING) {
      throw queryTooComplex(`The document is nested more than ${MAX_NESTING} deep: ask in several steps.`);
    }
  }
}

/** Documents that were parsed before are not looked at again. */
export function useTextLimits(): Plugin {
  return {
    onParse({ parseFn, setParseFn }) {
      setParseFn((source: string | Source, options: unknown) => {
        checkText(typeof source === 'string' ? new Source(source) : source);
        return parseFn(source, options);
      });
    },
  };
}
