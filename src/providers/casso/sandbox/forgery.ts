import type { StoredTransaction, Webhook } from './business.ts';
import { type Parcel, parcels, v2Parcel } from './parcels.ts';
import { v2Row } from './rows.ts';
import { testCall } from './test-call.ts';

type Version = Webhook['version'];

/** Deliveries that a receiver must tell apart: the first is as the provider sends it. */
export const WEBHOOK_MODES = [
  'valid',
  'php-form',
  'several-rows',
  'duplicate-id',
  'test-call',
  'wrong-secret',
  'altered-body',
  'missing-header',
] as const;
export type WebhookMode = (typeof WEBHOOK_MODES)[number];

/**
 * What a delivery is about: so many new transactions, found over REST too; the newest one there is; or one that never
 * was, so that whoever believes it is found out.
 */
export type Subject = 'one' | 'three' | 'newest' | 'invention';

interface Recipe {
  /** Only V2 is signed, only V1 has a list. Without it, both can do this. */
  readonly only?: Version;
  readonly about: Subject;
  readonly forge: (
    version: Version,
    rows: readonly StoredTransaction[],
    secret: string,
    now: number,
  ) => readonly Parcel[];
}

/** How each mode is done; `now` is in milliseconds since the epoch. The parcels go out in this order. */
export const RECIPES: Readonly<Record<WebhookMode, Recipe>> = {
  valid: { about: 'one', forge: parcels },
  /** Signed as PHP would write it (§6.4). */
  'php-form': {
    only: 'v2',
    about: 'one',
    forge: (_version, rows, secret, now) => rows.map((row) => v2Parcel(v2Row(row), secret, now, 'php')),
  },
  'several-rows': { only: 'v1', about: 'three', forge: parcels },
  /** The same twice. */
  'duplicate-id': {
    about: 'newest',
    forge: (...about) => [...parcels(...about), ...parcels(...about)],
  },
  'test-call': {
    about: 'invention',
    forge: (version, _rows, secret, now) => [testCall(version, secret, now)],
  },
  'wrong-secret': {
    about: 'invention',
    forge: (version, rows, secret, now) => parcels(version, rows, `not ${secret}`, now),
  },
  'altered-body': {
    only: 'v2',
    about: 'invention',
    forge: (...about) => parcels(...about).map(withAnotherAmount),
  },
  'missing-header': {
    about: 'invention',
    forge: (...about) => parcels(...about).map(withoutHeader),
  },
};

function withAnotherAmount(parcel: Parcel): Parcel {
  return { ...parcel, body: parcel.body.replace(/"amount":-?\d+/u, '$&0') };
}

function withoutHeader(parcel: Parcel): Parcel {
  return { ...parcel, headers: {} };
}
