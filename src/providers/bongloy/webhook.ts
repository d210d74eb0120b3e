import { createHash } from 'node:crypto';
import { isUuid } from '../../domain/uuid.ts';
import type { NewEvent } from '../../events/log.ts';
import { parseStrictJson } from '../../lib/strict-json.ts';
import { claimsAnotherType, refused, type Webhook } from '../provider.ts';
import { isObject } from './read.ts';
import { type SignatureOptions, verifySignature } from './signature.ts';

/** Deliveries of Bongloy (providers/bongloy.md §7): the token first, as it does not need the body. */
export function createBongloyWebhook(options: SignatureOptions): Webhook {
  return {
    async receive(headers, rawBody) {
      if (claimsAnotherType(headers)) return refused(415, 'not-json');
      const refusal = await verifySignature(headers, options);
      if (refusal) return refusal;
      const parsed = parseStrictJson(rawBody);
      if ('refused' in parsed) return refused(400, `body-${parsed.refused}`);
      const event = interpret(parsed.value, rawBody, options.clock.now());
      return event
        ? { kind: 'accepted', scheme: 'jwt', events: [event], unreadable: [] }
        : { kind: 'ignored', scheme: 'jwt', reason: 'unknown-event' };
    },
  };
}

/** `transaction.created`, `transaction.updated` and their like; a bare resource has no word but its type. */
const TRANSACTION_EVENT = /^transaction(?:\.[a-z_]{1,32})?$/;

/**
 * The ids that the body names, and nothing else of it: it is not signed, so it is a hint of what to load. Null when
 * it is not about a transaction. The resource is in `data.attributes.details.data`, or is `data` itself (§7 rule 7).
 */
function interpret(body: unknown, rawBody: Buffer, receivedAt: number): NewEvent | null {
  const data = member(body, 'data');
  const isEvent = member(data, 'type') === 'event';
  const attributes = member(data, 'attributes');
  const resource = isEvent ? member(member(attributes, 'details'), 'data') : data;
  const type = member(isEvent ? attributes : data, 'type');
  const eventId = uuid(member(data, 'id'));
  const transactionId = uuid(member(resource, 'id'));
  if (typeof type !== 'string' || !TRANSACTION_EVENT.test(type)) return null;
  if (member(resource, 'type') !== 'transaction' || eventId === null || transactionId === null) return null;
  return {
    provider: 'BONGLOY',
    // With the body's digest: the id is not signed either, and must not let a stranger take an event's place.
    key: `${eventId}:${createHash('sha256').update(rawBody).digest('hex')}`,
    type,
    source: 'WEBHOOK',
    receivedAt,
    transactionId,
    accountIdHint: uuid(member(member(member(member(resource, 'relationships'), 'account'), 'data'), 'id')),
  };
}

const member = (value: unknown, key: string): unknown => (isObject(value) ? value[key] : undefined);

/** In lower case, as Bongloy writes them. */
const uuid = (value: unknown): string | null =>
  typeof value === 'string' && isUuid(value) ? value.toLowerCase() : null;
