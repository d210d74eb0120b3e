import type { Instant } from '../../domain/instant.ts';
import type { RowOutcome } from '../../domain/unreadable-row.ts';
import { isUuid } from '../../domain/uuid.ts';
import {
  checkInstant,
  instant,
  isObject,
  isTold,
  type Json,
  jsonObject,
  list,
  type OnOdd,
  object,
  shownObject,
  text,
  wrongMember,
  wrongShape,
} from '../read.ts';
import type { ListPage, Slice } from './page.ts';
import type { ListDocument, Resource, Timestamps, ToOne } from './wire.ts';

/**
 * JSON:API documents (docs/providers/bongloy.md §3): from a body to what `map` makes of the resources in it.
 * All throw UpstreamFailure `wrong-shape`.
 */
export const single =
  <T>(map: (resource: unknown) => T) =>
  (body: string): T => {
    const { data } = parsed(body);
    return isObject(data) ? map(data) : wrongShape('data is not a resource');
  };

/** The same for what may not exist: JSON:API has null for that, too. */
export const singleOrNull =
  <T>(map: (resource: unknown) => T) =>
  (body: string): T | null =>
    parsed(body)['data'] === null ? null : single(map)(body);

/** @param page what was asked for. */
export const slice =
  <T extends { readonly id: string }>(map: (resource: unknown) => RowOutcome<T>, page: ListPage) =>
  (body: string): Slice<T> => {
    const document = parsed(body) as unknown as ListDocument<unknown>;
    const rows = list(document, 'data').map(map);
    const place = page.before ?? page.after;
    if (place !== undefined && rows.some(({ id }) => id === place)) {
      return wrongShape('the page next to a row holds that row');
    }
    // Only whether they are there: the URLs point to plain http, and often to a stranger's host.
    const isThere = (link: 'next' | 'prev'): boolean =>
      // A document that does not say is taken for the middle of a list: to ask once more loses no row.
      isObject(document.links) ? (document.links[link] ?? null) !== null : rows.length > 0;
    return { rows, hasOlder: isThere('next'), hasNewer: isThere('prev') };
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
  if (!isObject(value)) return wrongShape('the resource is not an object');
  if (value['type'] !== type) return wrongMember('type', `is not ${type}`);
  uuid(value, 'id');
  object(value, 'attributes');
  return value as unknown as R;
}

/** An id of the provider's: what our own ids and cursors can hold. */
export function uuid<T extends object>(from: T, key: Extract<keyof T, string>): string {
  const value = text(from, key);
  return isUuid(value) ? value : wrongMember(key, 'is not a UUID');
}

/** The id of a resource that may be unreadable otherwise. */
export const idOf = (value: unknown): string | null => {
  const id = isObject(value) ? value['id'] : null;
  return typeof id === 'string' && isUuid(id) ? id : null;
};

/** The id at the other end of a to-one relationship. @throws WrongMember named after the relationship. */
export function relatedId<Name extends string>(from: Related<Name>, name: NoInfer<Name>): string {
  const relationships: unknown = from.relationships;
  const toOne = isObject(relationships) ? relationships[name] : null;
  return idOf(isObject(toOne) ? toOne['data'] : null) ?? wrongMember(name, 'names no resource');
}

/** The same where there may be none: null, also for one that cannot be read. */
export function optionalRelatedId<Name extends string>(
  from: Related<Name>,
  name: NoInfer<Name>,
  odd: OnOdd,
): string | null {
  const relationships: Json | null = shownObject(from, 'relationships', odd);
  const toOne: Json | null = relationships && shownObject(relationships, name, odd);
  if (!toOne || !isTold(toOne['data'])) return null;
  const id = idOf(toOne['data']);
  if (id === null) odd(name);
  return id;
}

interface Related<Name extends string> {
  readonly relationships: Readonly<Record<Name, ToOne<string>>>;
}

/**
 * A stored resource as a view of its document. All of it is checked when it is made, so that no member throws, and what
 * costs an object or a text is made when it is read: most queries read few members of many rows.
 */
export abstract class Row<A extends Timestamps> {
  readonly id: string;
  protected readonly attributes: A;

  constructor({ id, attributes }: Resource<string, A, unknown>) {
    this.id = id;
    this.attributes = attributes;
  }

  get providerId(): string {
    return this.id;
  }
  get createdAt(): Instant {
    return instant<Timestamps>(this.attributes, 'created_at');
  }
  get updatedAt(): Instant {
    return instant<Timestamps>(this.attributes, 'updated_at');
  }
}

/** To be called when the rest of the row has been checked: the first member that is wrong is the one that is named. */
export function checkTimestamps(attributes: Timestamps): void {
  checkInstant(attributes, 'created_at');
  checkInstant(attributes, 'updated_at');
}

/** The same for what is one of a kind, and so no view. */
export const timestamps = (attributes: Timestamps): { createdAt: Instant; updatedAt: Instant } => ({
  createdAt: instant(attributes, 'created_at'),
  updatedAt: instant(attributes, 'updated_at'),
});
