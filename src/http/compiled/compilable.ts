import {
  BREAK,
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  isAbstractType,
  Kind,
  OperationTypeNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/**
 * Whether a compiled document answers the same bytes. It has to be one query,
 * - without directives: fields that are left out would change the order of others;
 * - without introspection, which would show the type that compiling needs;
 * - whose names in the answer the compiler can tell apart from each other (it joins those of a path by `_`) and from
 *   the members of every object;
 * - where the type of a field with arguments is known: the defaults of an interface may not be those of its types.
 */
export function isCompilable(schema: GraphQLSchema, document: DocumentNode): boolean {
  const operations = document.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  if (operations.length !== 1 || getOperationAST(document)?.operation !== OperationTypeNode.QUERY)
    return false;
  let compilable = true;
  const refuse = (): typeof BREAK => {
    compilable = false;
    return BREAK;
  };
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Directive: refuse,
      Field({ name, alias, arguments: args = [] }) {
        if (!isPlain(alias?.value ?? name.value)) return refuse();
        if (name.value.startsWith('__') && name.value !== TYPE_NAME) return refuse();
        if (args.length > 0 && isAbstractType(types.getParentType())) return refuse();
        return undefined;
      },
    }),
  );
  return compilable;
}

const TYPE_NAME = '__typename';

const isPlain = (key: string): boolean =>
  key === TYPE_NAME || (/^[a-z][a-z\d]*$/i.test(key) && !(key in Object.prototype));
