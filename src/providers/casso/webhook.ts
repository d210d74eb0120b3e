import type { BankTransaction } from '../../domain/bank-transaction.ts';
import { isReadable, isUnreadable, type RowOutcome } from '../../domain/unreadable-row.ts';
import { bankEvent } from '../../events/bank-event.ts';
import type { EventSource } from '../../events/log.ts';
import type { Clock } from '../../lib/clock.ts';
import { parseStrictJson } from '../../lib/strict-json.ts';
import {
  claimsAnotherType,
  type ReadAgain,
  type Reading,
  refused,
  type Webhook,
  type WebhookHeaders,
  type WebhookRefusal,
} from '../provider.ts';
import { createRowReader, type OnOddity, type RowReader } from '../row-reader.ts';
import { idOf } from './document.ts';
import { toBankTransaction } from './map-transaction.ts';
import { deliveredRows, isTestCall, toDeliveredTransaction } from './map-webhook.ts';
import { matchesToken, matchingForm, parseSignature } from './signature.ts';

export interface CassoWebhookOptions {
  /** V2, used as UTF-8 bytes; any may match, so that one can be replaced. None: V2 is refused. */
  readonly checksumKeys: readonly string[];
  /** V1; any may match. None: V1 is refused. */
  readonly secureTokens: readonly string[];
  readonly clock: Clock;
  readonly onOddity?: OnOddity | undefined;
}

/**
 * Deliveries of Casso (docs/providers/casso.md §5-6). One with `X-Casso-Signature` is judged by that alone: a token beside
 * it neither helps nor hurts. A replayed delivery is as authentic as the first; the log knows its transactions by id.
 */
export function createCassoWebhook(options: CassoWebhookOptions): Webhook {
  const rows = createRowReader('CASSO', idOf, options.onOddity);
  return {
    async receive(headers, rawBody) {
      if (claimsAnotherType(headers)) return refused(415, 'not-json');
      const delivery = authenticate(headers, rawBody, options);
      if ('kind' in delivery) return delivery;
      return {
        kind: 'authentic',
        scheme: delivery.scheme,
        reading: interpret(delivery, rows, options.clock.now()),
      };
    },
  };
}

/** The scheme of a row that a list gave, and reconciliation could not read. */
export const CASSO_LIST = 'list';

export const readCassoAgain: ReadAgain = (scheme, body, receivedAt) => {
  const parsed = parseStrictJson(body);
  if ('refused' in parsed) return { events: [], unreadable: [parsed.refused] };
  const rows = createRowReader('CASSO', idOf);
  if (scheme !== CASSO_LIST) return interpret({ scheme, body: parsed.value }, rows, receivedAt);
  const row = rows.row('bank_transaction', toBankTransaction)(parsed.value);
  return readingOf([row], 'RECONCILIATION', receivedAt);
};

interface Delivery {
  readonly scheme: string;
  readonly body: unknown;
}

function authenticate(
  headers: WebhookHeaders,
  rawBody: Buffer,
  { checksumKeys, secureTokens }: CassoWebhookOptions,
): Delivery | WebhookRefusal {
  const { 'x-casso-signature': signature, 'secure-token': token } = headers;
  if (signature !== undefined) return authenticateV2(signature, rawBody, checksumKeys);
  if (token !== undefined) return authenticateV1(token, rawBody, secureTokens);
  return refused(401, 'no-signature-or-token');
}

/** The token first, as it does not need the body. */
function authenticateV1(
  token: string,
  rawBody: Buffer,
  tokens: readonly string[],
): Delivery | WebhookRefusal {
  if (tokens.length === 0) return refused(401, 'v1-not-configured');
  if (!matchesToken(token, tokens)) return refused(401, 'wrong-token');
  const parsed = parseStrictJson(rawBody);
  return 'refused' in parsed ? refused(400, `body-${parsed.refused}`) : { scheme: 'v1', body: parsed.value };
}

/** The signature is over the parsed body, which therefore comes first, and must be strict. */
function authenticateV2(header: string, rawBody: Buffer, keys: readonly string[]): Delivery | WebhookRefusal {
  if (keys.length === 0) return refused(401, 'v2-not-configured');
  const signature = parseSignature(header);
  if (!signature) return refused(401, 'malformed-signature');
  const parsed = parseStrictJson(rawBody);
  if ('refused' in parsed) return refused(400, `body-${parsed.refused}`);
  const scheme = matchingForm(rawBody.toString(), signature, keys);
  return scheme ? { scheme, body: parsed.value } : refused(401, 'wrong-signature');
}

/** What a signed body says. A row that we cannot read keeps no readable one out. */
function interpret({ scheme, body }: Delivery, reader: RowReader, receivedAt: number): Reading {
  const rows = deliveredRows(body);
  if (!rows) return { events: [], unreadable: ['envelope'] };
  const kept = rows.filter((row) => !isTestCall(row));
  if (kept.length === 0) return { events: [], unreadable: [], nothing: 'test-call' };
  const toRow = toDeliveredTransaction(scheme === 'v1' ? 'v1' : 'v2');
  return readingOf(kept.map(reader.row('bank_transaction', toRow)), 'WEBHOOK', receivedAt);
}

const readingOf = (
  rows: readonly RowOutcome<BankTransaction>[],
  source: EventSource,
  receivedAt: number,
): Reading => ({
  events: rows.filter(isReadable).map((row) => bankEvent(row, source, receivedAt)),
  unreadable: rows.filter(isUnreadable).map(({ member }) => member),
});
