import { badUserInput } from './errors.ts';
import { isUuid } from './uuid.ts';

/**
 * The types with an id of their own, and what a provider's id of each looks like. The type is part of the id: at
 * Bongloy an account and its balance share theirs, and ids of two providers could meet.
 */
const ID_FORMS = {
  CardIssuer: isUuid,
  Cardholder: isUuid,
  Account: isUuid,
  Card: isUuid,
  Transaction: isUuid,
  BankAccount: isCassoId,
  BankTransaction: isCassoId,
} as const satisfies Record<string, (id: string) => boolean>;

export type NodeType = keyof typeof ID_FORMS;

export interface GlobalId {
  readonly type: NodeType;
  /** The provider's own id. */
  readonly id: string;
}

/** base64url of `<type>:<provider id>`; opaque to clients. */
export function encodeGlobalId(type: NodeType, id: string): string {
  return Buffer.from(`${type}:${id}`, 'utf8').toString('base64url');
}

/**
 * @param field the argument that carried the id, for the error.
 * @throws GatewayError BAD_USER_INPUT when it is not an id that this API gave.
 */
export function decodeGlobalId(globalId: string, field: string): GlobalId {
  const text = Buffer.from(globalId, 'base64url').toString('utf8');
  const colon = text.indexOf(':');
  const type = text.slice(0, colon);
  const id = text.slice(colon + 1);
  // Decoding is lenient, so the id must also be what we would have written for that text.
  if (isNodeType(type) && ID_FORMS[type](id) && encodeGlobalId(type, id) === globalId) return { type, id };
  throw badUserInput(field, `${field} is not an id of this API.`);
}

/** @throws GatewayError BAD_USER_INPUT when it is not an id, or one of another type. */
export function decodeIdOf(type: NodeType, globalId: string, field: string): string {
  const decoded = decodeGlobalId(globalId, field);
  if (decoded.type !== type)
    throw badUserInput(field, `${field} is an id of type ${decoded.type}, not ${type}.`);
  return decoded.id;
}

/**
 * The same for an argument that may be left out: undefined when it was.
 * @throws GatewayError BAD_USER_INPUT when it is not an id, or one of another type.
 */
export function decodeOptionalIdOf(
  type: NodeType,
  globalId: string | null | undefined,
  field: string,
): string | undefined {
  return globalId === null || globalId === undefined ? undefined : decodeIdOf(type, globalId, field);
}

function isNodeType(type: string): type is NodeType {
  return Object.hasOwn(ID_FORMS, type);
}

/** A positive integer without leading zeros, at most 16 digits. */
function isCassoId(id: string): boolean {
  return /^[1-9]\d{0,15}$/.test(id);
}
