import { type ASTNode, BREAK, Kind, parse, print, type SelectionSetNode, validate, visit } from 'graphql';
import { schema } from '../../src/schema/index.ts';
import type { RandomOperation } from '../support/random-operation.ts';
import type { Case } from './case.ts';

/** Parts of a document that may go, one at a time. */
const PARTS: ReadonlySet<string> = new Set([
  Kind.FIELD,
  Kind.FRAGMENT_SPREAD,
  Kind.INLINE_FRAGMENT,
  Kind.FRAGMENT_DEFINITION,
  Kind.DIRECTIVE,
  Kind.ARGUMENT,
  Kind.OBJECT_FIELD,
  Kind.VARIABLE_DEFINITION,
]);

/** The smallest case that was found, by leaving out one part after the other, which `fails` too. */
export async function shrink(found: Case, fails: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let smallest = found;
  for (let goesOn = true; goesOn; ) {
    goesOn = false;
    for (const smaller of smallerThan(smallest)) {
      if (!(await fails(smaller))) continue;
      smallest = smaller;
      goesOn = true;
      break;
    }
  }
  return smallest;
}

function* smallerThan(given: Case): Generator<Case> {
  for (const [index] of given.spoilages.entries()) {
    yield { ...given, spoilages: given.spoilages.toSpliced(index, 1) };
  }
  if (given.times > 1) yield { ...given, times: 1 };
  for (let place = 0; ; place += 1) {
    const operation = without(given.operation, place);
    if (operation === undefined) return;
    if (operation) yield { ...given, operation };
  }
}

/** The operation without its n-th part, and what is no longer used then; null: it would not be valid; undefined: no such part. */
function without({ query, variables }: RandomOperation, place: number): RandomOperation | null | undefined {
  let count = -1;
  const smaller = visit(parse(query), {
    enter(node: ASTNode) {
      if (!PARTS.has(node.kind)) return undefined;
      count += 1;
      return count === place ? null : undefined;
    },
  });
  if (count < place) return undefined;
  const tidy = withoutUnused(smaller);
  if (tidy.definitions.length === 0) return null;
  if (validate(schema, tidy).length > 0) return null;
  const text = print(tidy);
  return {
    query: text,
    variables: Object.fromEntries(Object.entries(variables).filter(([name]) => text.includes(`$${name}`))),
  };
}

function withoutUnused<Document extends ASTNode>(document: Document): Document {
  return visit(document, {
    VariableDefinition(node) {
      return isUsed(document, node.variable.name.value) ? undefined : null;
    },
    Field: { leave: withoutEmpty },
    InlineFragment: { leave: withoutEmpty },
    FragmentDefinition: { leave: withoutEmpty },
    OperationDefinition: { leave: withoutEmpty },
  });
}

function withoutEmpty({ selectionSet }: { readonly selectionSet?: SelectionSetNode | undefined }) {
  return selectionSet?.selections.length === 0 ? null : undefined;
}

function isUsed(document: ASTNode, name: string): boolean {
  let used = false;
  visit(document, {
    VariableDefinition: () => false,
    Variable(node) {
      if (node.name.value !== name) return undefined;
      used = true;
      return BREAK;
    },
  });
  return used;
}
