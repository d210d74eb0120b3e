import type { Slice } from './page.ts';
import {
  instant,
  isObject,
  type Json,
  jsonObject,
  list,
  object,
  optionalObject,
  text,
  wrongShape,
} from './read.ts';
import type { ListDocument, Resource, ToOne } from './wire.ts';

/**
 * JSON:API documents (providers/bongloy.md §3): from a body to what `map` makes of the resources in it.
 * All throw UpstreamFailure `wrong-shape`.
 */
export const single =
  <T>(map: (resource: unknown) => T) =>
  (body: string): T =>
    map(parsed(body)['data']);

export const slice =
  <T>(map: (resource: unknown) => T) =>
  (body: string): Slice<T> => {
    const document = parsed(body) as unknown as ListDocument<unknown>;
    const links = optionalObject(document, 'links');
    return {
      rows: list(document, 'data').map((resource) => map(resource)),
      // Only whether they are there: the URLs point to plain http, and often to a stranger's host.
      hasOlder: (links?.next ?? null) !== null,
      hasNewer: (links?.prev ?? null) !== null,
    };
  };

/** The members are not checked yet. */
export function parsed(body: string): Json {
  return jsonObject(body) ?? wrongShape('the answer is not a JSON object');
}

/**
 * Takes a parsed value for a resource object of one type: id, type and attributes are there. The attributes
 * themselves are unread and may be anything; every one goes through a reader of `read.ts`.
 * @throws UpstreamFailure wrong-shape.
 */
export function resource<R extends Resource<string, object, unknown>>(value: unknown, type: R['type']): R {
  if (!isObject(value) || value['type'] !== type) return wrongShape(`the resource is not a ${type}`);
  text(value, 'id');
  object(value, 'attributes');
  return value as unknown as R;
}

/** The id at the other end of a to-one relationship; null when it names none, or is missing. */
export function relatedId<Name extends string>(
  from: { readonly relationships: Readonly<Record<Name, ToOne<string>>> },
  name: NoInfer<Name>,
): string | null {
  const relationships: Readonly<Record<string, ToOne<string>>> | null = optionalObject(from, 'relationships');
  const toOne = relationships && optionalObject(relationships, name);
  const target = toOne && optionalObject(toOne, 'data');
  return target && text(target, 'id');
}

/** On every stored resource. */
export const timestamps = (attributes: {
  readonly created_at: string;
  readonly updated_at: string;
}): { createdAt: Date; updatedAt: Date } => ({
  createdAt: instant(attributes, 'created_at'),
  updatedAt: instant(attributes, 'updated_at'),
});
