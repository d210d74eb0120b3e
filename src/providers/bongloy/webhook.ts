import { createHash } from 'node:crypto';
import { isUuid } from '../../domain/uuid.ts';
import { parseStrictJson } from '../../lib/strict-json.ts';
import { claimsAnotherType, type ReadAgain, type Reading, refused, type Webhook } from '../provider.ts';
import { isObject } from '../read.ts';
import { type SignatureOptions, verifySignature } from './signature.ts';

/** Deliveries of Bongloy (docs/providers/bongloy.md §7): the token first, as it does not need the body. */
export function createBongloyWebhook(options: SignatureOptions): Webhook {
  return {
    async receive(headers, rawBody) {
      if (claimsAnotherType(headers)) return refused(415, 'not-json');
      const refusal = await verifySignature(headers, options);
      if (refusal) return refusal;
      const parsed = parseStrictJson(rawBody);
      if ('refused' in parsed) return refused(400, `body-${parsed.refused}`);
      return {
        kind: 'authentic',
        scheme: 'jwt',
        reading: interpret(parsed.value, rawBody, options.clock.now()),
      };
    },
  };
}

export const readBongloyAgain: ReadAgain = (_scheme, body, receivedAt) => {
  const parsed = parseStrictJson(body);
  return 'refused' in parsed ? unreadable(parsed.refused) : interpret(parsed.value, body, receivedAt);
};

/** `transaction.created`, `transaction.updated` and their like; a bare resource has no word but its type. */
const TRANSACTION_EVENT = /^transaction(?:\.[a-z_]{1,32})?$/;
/** `card.created` and the like: the documented pattern of an event's type (§7). */
const OTHER_EVENT = /^(?!transaction\.)[a-z_]{1,32}\.[a-z_]{1,32}$/;

/**
 * The ids that the body names, and nothing else of it: it is not signed, so it is a hint of what to load. The resource
 * is in `data.attributes.details.data`, or is `data` itself (§7 rule 7).
 */
function interpret(body: unknown, rawBody: Buffer, receivedAt: number): Reading {
  const data = member(body, 'data');
  const isEvent = member(data, 'type') === 'event';
  const attributes = member(data, 'attributes');
  const resource = isEvent ? member(member(attributes, 'details'), 'data') : data;
  const type = member(isEvent ? attributes : data, 'type');
  const resourceType = member(resource, 'type');
  const eventId = uuid(member(data, 'id'));
  const transactionId = uuid(member(resource, 'id'));
  if (typeof type !== 'string') return unreadable('event-type');
  // Of a resource that is no transaction, under a type that says so: whatever it is about, no subscriber hears of it.
  const isOther = isEvent && OTHER_EVENT.test(type) && isWord(resourceType) && resourceType !== 'transaction';
  if (isOther) return { events: [], unreadable: [], nothing: 'other-event' };
  if (!TRANSACTION_EVENT.test(type)) return unreadable('event-type');
  if (resourceType !== 'transaction') return unreadable('resource');
  if (eventId === null) return unreadable('event-id');
  if (transactionId === null) return unreadable('transaction-id');
  return {
    events: [
      {
        provider: 'BONGLOY',
        // With the body's digest: the id is not signed either, and must not let a stranger take an event's place.
        key: `${eventId}:${createHash('sha256').update(rawBody).digest('hex')}`,
        type,
        source: 'WEBHOOK',
        receivedAt,
        transactionId,
        accountIdHint: uuid(
          member(member(member(member(resource, 'relationships'), 'account'), 'data'), 'id'),
        ),
      },
    ],
    unreadable: [],
  };
}

const unreadable = (reason: string): Reading => ({ events: [], unreadable: [reason] });

const member = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

const isWord = (value: unknown): boolean => typeof value === 'string' && /^[a-z_]{1,32}$/.test(value);

/** In lower case, as Bongloy writes them. */
const uuid = (value: unknown): string | null =>
  typeof value === 'string' && isUuid(value) ? value.toLowerCase() : null;
