import type { WebhookV1Transaction, WebhookV2Transaction } from '../wire.ts';
import type { StoredTransaction, Webhook } from './business.ts';
import { v1Row, v2Row } from './rows.ts';
import { cassoSignature, type SignedForm } from './signature.ts';

/** One POST to a webhook, signed; a retry sends it again as it is. */
export interface Parcel {
  readonly version: Webhook['version'];
  readonly transactionIds: readonly number[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** V1: all rows in one delivery (§5). V2: a delivery for each (§6.1). `now` is in milliseconds since the epoch. */
export function parcels(
  version: Webhook['version'],
  rows: readonly StoredTransaction[],
  secret: string,
  now: number,
): readonly Parcel[] {
  if (version === 'v2') return rows.map((row) => v2Parcel(v2Row(row), secret, now));
  return rows.length > 0 ? [v1Parcel(rows.map(v1Row), secret)] : [];
}

/** Nothing is signed: the token is the whole proof (§5). */
export function v1Parcel(data: readonly WebhookV1Transaction[], secret: string): Parcel {
  return {
    version: 'v1',
    transactionIds: data.map(({ id }) => id),
    headers: { 'secure-token': secret },
    body: JSON.stringify({ error: 0, data }),
  };
}

/** The body is in the order of the wire, which is not the order that was signed (§6.2). */
export function v2Parcel(
  data: WebhookV2Transaction,
  secret: string,
  now: number,
  form: SignedForm = 'javascript',
): Parcel {
  const envelope = { error: 0, data };
  return {
    version: 'v2',
    transactionIds: [data.id],
    headers: { 'x-casso-signature': cassoSignature(envelope, secret, now, form) },
    body: JSON.stringify(envelope),
  };
}
