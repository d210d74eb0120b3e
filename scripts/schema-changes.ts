import { type Change, ChangeType, CriticalityLevel, diff, type Rule } from '@graphql-inspector/core';
import {
  type GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
} from 'graphql';

/** What changed between two schemas, and whether a client that was right for the first one fails with the second. */
export const schemaChanges = (before: GraphQLSchema, after: GraphQLSchema): Promise<Change[]> =>
  diff(before, after, [lostDefaults]);

const DEFAULTS: ReadonlySet<string> = new Set([
  ChangeType.FieldArgumentDefaultChanged,
  ChangeType.InputFieldDefaultValueChanged,
  ChangeType.DirectiveArgumentDefaultValueChanged,
]);

/** The tool calls every changed default dangerous; without any default, a client that leaves the value out fails. */
const lostDefaults: Rule = ({ changes, newSchema }) =>
  changes.map((change) =>
    newSchema && DEFAULTS.has(change.type) && isRequired(newSchema, change.path ?? '')
      ? {
          ...change,
          criticality: {
            level: CriticalityLevel.Breaking,
            reason: 'Without a default the value is required: clients that leave it out fail.',
          },
        }
      : change,
  );

/** @param path `Type.field.argument`, `InputType.field` or `@directive.argument`. */
function isRequired(schema: GraphQLSchema, path: string): boolean {
  const [owner = '', member = '', argument] = path.split('.');
  const named = ({ name }: { readonly name: string }) => name === (argument ?? member);
  if (owner.startsWith('@')) {
    return schema.getDirective(owner.slice(1))?.args.filter(named).some(isRequiredArgument) ?? false;
  }
  const type = schema.getType(owner);
  if (isInputObjectType(type))
    return Object.values(type.getFields()).filter(named).some(isRequiredInputField);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  return type.getFields()[member]?.args.filter(named).some(isRequiredArgument) ?? false;
}
