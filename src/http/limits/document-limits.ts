import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { queryTooComplex } from '../../domain/errors.ts';
import { publicError } from '../errors.ts';

/** Of a document as it is written. */
export const MAX_ALIASES = 100;
export const MAX_DIRECTIVES = 50;
export const MAX_VARIABLES = 50;
/** Operations and fragments. */
export const MAX_DEFINITIONS = 200;

/**
 * Of the squares of how often each field name stands in a document, and fragments are spread: the rule by which fields
 * merge compares those of one name in pairs, and takes a second where this is a million. A document of a hundred
 * fragments with an id in each stays below a fifth.
 */
export const MAX_REPETITION = 100_000;

/** @returns why the document is refused before it is validated, as validating it would be the harm; null if it is not. */
export function documentExcess(document: DocumentNode, maxDepth: number): GraphQLError | null {
  const counts = { aliases: 0, directives: 0, variables: 0 };
  const names = new Map<string, number>();
  visit(document, {
    enter(node: ASTNode) {
      if (node.kind === Kind.FIELD && node.alias) counts.aliases += 1;
      if (node.kind === Kind.FIELD || node.kind === Kind.FRAGMENT_SPREAD) {
        const name = node.kind === Kind.FIELD ? node.name.value : SPREAD;
        names.set(name, (names.get(name) ?? 0) + 1);
      }
      if (node.kind === Kind.DIRECTIVE) counts.directives += 1;
      if (node.kind === Kind.VARIABLE_DEFINITION) counts.variables += 1;
    },
  });
  let repetition = 0;
  for (const count of names.values()) repetition += count ** 2;
  if (repetition > MAX_REPETITION) {
    return publicError(
      queryTooComplex(
        'The document selects the same fields, or spreads fragments, too many times: divide it.',
      ),
    );
  }
  const limits = [
    [counts.aliases, MAX_ALIASES, 'aliases'],
    [counts.directives, MAX_DIRECTIVES, 'directives'],
    [counts.variables, MAX_VARIABLES, 'variables'],
    [document.definitions.length, MAX_DEFINITIONS, 'operations and fragments'],
    [depthOf(document), maxDepth, 'levels of fields'],
  ] as const;
  const excess = limits.find(([count, limit]) => count > limit);
  if (!excess) return null;
  const [count, limit, what] = excess;
  return publicError(
    queryTooComplex(
      `The document has ${count} ${what}; ${limit} are allowed. Divide it into several operations.`,
    ),
  );
}

/** No field's name. */
const SPREAD = '...';

/** Refuses before the rules of the specification, some of which take time that grows with the square of a document. */
export function useDocumentLimits(maxDepth: number): Plugin {
  /** Of documents that Yoga keeps parsed, and asks about with each request. */
  const known = new WeakMap<object, GraphQLError | null>();
  return {
    onValidate({ params: { documentAST }, setResult }) {
      let excess = known.get(documentAST);
      if (excess === undefined) {
        excess = documentExcess(documentAST as DocumentNode, maxDepth);
        known.set(documentAST, excess);
      }
      if (excess) setResult([excess]);
    },
  };
}

/** The deepest field of any operation, through fragments; a root field is at level 1. Each fragment is measured once. */
function depthOf({ definitions }: DocumentNode): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const depths = new Map<string, number>();
  const measure = ({ selections }: SelectionSetNode): number => {
    let deepest = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        deepest = Math.max(deepest, 1 + (selection.selectionSet ? measure(selection.selectionSet) : 0));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, measure(selection.selectionSet));
      } else deepest = Math.max(deepest, ofFragment(selection.name.value));
    }
    return deepest;
  };
  const ofFragment = (name: string): number => {
    const known = depths.get(name);
    if (known !== undefined) return known;
    // Until it is known: a fragment that spreads itself is refused by the rules that follow.
    depths.set(name, 0);
    const fragment = fragments.get(name);
    const depth = fragment ? measure(fragment.selectionSet) : 0;
    depths.set(name, depth);
    return depth;
  };
  return Math.max(
    0,
    ...definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION ? measure(definition.selectionSet) : 0,
    ),
  );
}
