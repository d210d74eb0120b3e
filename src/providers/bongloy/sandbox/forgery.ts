import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { SECOND } from '../../../lib/duration.ts';
import type { SingleDocument, WireEvent } from '../wire.ts';
import { signed, TOKEN_LIFE } from './webhooks.ts';

/** One request of a delivery. */
export interface Parcel {
  readonly authorization: string;
  readonly body: string;
}

interface Draft {
  readonly event: SingleDocument<WireEvent>;
  readonly secret: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const OTHER_TRANSACTION = { data: { id: '66666666-6666-4666-8666-666666666666', type: 'transaction' } };

const MODES = {
  /** As the provider sends it. */
  valid: async (draft: Draft) => [await genuine(draft)],
  'no-exp': async (draft: Draft) => [{ ...text(draft), ...(await hs256(draft, claims())) }],
  'wrong-iss': async (draft: Draft) => {
    const token = claims().setIssuer('Other').setExpirationTime(expiry(draft));
    return [{ ...text(draft), ...(await hs256(draft, token)) }];
  },
  'alg-none': async (draft: Draft) => {
    const token = new UnsecuredJWT().setIssuer('Bongloy').setExpirationTime(expiry(draft)).encode();
    return [{ ...text(draft), authorization: `Bearer ${token}` }];
  },
  /** Another algorithm than the only documented one, and a key that nobody knows. */
  rs256: async (draft: Draft) => {
    const { privateKey } = await generateKeyPair('RS256');
    const token = claims().setExpirationTime(expiry(draft)).setProtectedHeader({ alg: 'RS256' });
    return [{ ...text(draft), authorization: `Bearer ${await token.sign(privateKey)}` }];
  },
  expired: async (draft: Draft) => [await genuine({ ...draft, now: draft.now - 2 * TOKEN_LIFE * SECOND })],
  'wrong-secret': async (draft: Draft) => [await genuine({ ...draft, secret: `not ${draft.secret}` })],
  /** A valid delivery, then its header again over a body that names another transaction. */
  'replayed-header': async (draft: Draft) => {
    const first = await genuine(draft);
    return [first, { ...first, ...text(draft, { details: OTHER_TRANSACTION }) }];
  },
  /** The same event twice, each validly signed. */
  'duplicate-event': async (draft: Draft) => [
    await genuine(draft),
    await genuine({ ...draft, now: draft.now + SECOND }),
  ],
  'unknown-type': async (draft: Draft) => [
    { ...(await genuine(draft)), ...text(draft, { type: 'galaxy.exploded' }) },
  ],
  'garbage-body': async (draft: Draft) => [{ ...(await genuine(draft)), body: '{"data":' }],
} satisfies Readonly<Record<string, (draft: Draft) => Promise<readonly Parcel[]>>>;

/** Deliveries that a receiver must tell apart (§9). */
export type WebhookMode = keyof typeof MODES;
export const WEBHOOK_MODES = Object.keys(MODES) as readonly WebhookMode[];

/** What goes out for an event in a mode, in this order. */
export function parcels(mode: WebhookMode, draft: Draft): Promise<readonly Parcel[]> {
  return MODES[mode](draft);
}

async function genuine(draft: Draft): Promise<Parcel> {
  return { ...text(draft), authorization: await signed(draft.secret, draft.now) };
}

function text({ event: { data } }: Draft, changed: object = {}): { readonly body: string } {
  return { body: JSON.stringify({ data: { ...data, attributes: { ...data.attributes, ...changed } } }) };
}

function claims(): SignJWT {
  return new SignJWT().setIssuer('Bongloy');
}

function expiry({ now }: Draft): number {
  return Math.floor(now / SECOND) + TOKEN_LIFE;
}

async function hs256({ secret }: Draft, token: SignJWT): Promise<{ readonly authorization: string }> {
  const key = new TextEncoder().encode(secret);
  return { authorization: `Bearer ${await token.setProtectedHeader({ alg: 'HS256' }).sign(key)}` };
}
