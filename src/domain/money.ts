import { LRUCache } from 'lru-cache';
import type { Provider } from './provider.ts';

/**
 * An amount of money: an integer in the currency's smallest unit as that provider counts it.
 * What moved is never negative (its direction stands beside it); a balance is, when the account is overdrawn.
 */
export interface Money {
  /** 1000 is 10.00 USD and 1000 is 1,000 VND. A safe integer (53 bits). */
  readonly minorUnits: number;
  /** ISO 4217, upper case. */
  readonly currency: string;
  /** Number of decimals between `minorUnits` and the currency's main unit; null when the provider's is not known. */
  readonly exponent: number | null;
}

/** Which way money moved, seen from the account: CREDIT came in, DEBIT went out. */
export type MoneyDirection = 'CREDIT' | 'DEBIT';

/**
 * Decimals per provider and currency. Providers differ from ISO 4217 and from each other:
 * Bongloy's own bank client counts 1 KHR as one unit (docs/providers/bongloy.md §8); VND has no minor unit anywhere.
 */
const EXPONENTS: Readonly<Record<Provider, Readonly<Record<string, number>>>> = {
  BONGLOY: { USD: 2, KHR: 0 },
  CASSO: { VND: 0 },
};

/** @throws RangeError when the amount is not a safe integer: upstream garbage, for a `map.ts` to judge. */
export function money(provider: Provider, minorUnits: number, currency: string): Money {
  if (!Number.isSafeInteger(minorUnits)) throw new RangeError('amount is not a safe integer');
  // There is no negative zero in money, though JSON has one.
  return { minorUnits: minorUnits + 0, currency, exponent: EXPONENTS[provider][currency] ?? null };
}

/** Exact decimal text in the main unit: "10.00", "1000". An unknown exponent leaves the smallest units as they are. */
export function decimal({ minorUnits, exponent }: Money): string {
  if (!exponent) return String(minorUnits);
  const sign = minorUnits < 0 ? '-' : '';
  const digits = String(Math.abs(minorUnits)).padStart(exponent + 1, '0');
  return `${sign}${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/**
 * Text for people, exact at any size (the decimal text is formatted, never a float).
 * An unknown exponent is shown as smallest units followed by the code.
 * @throws RangeError when `locale` is not a BCP 47 tag.
 */
export function formatted(value: Money, locale = 'en-US'): string {
  const { minorUnits, currency, exponent } = value;
  if (exponent === null) return `${numberFormat(locale).format(minorUnits)} ${currency}`;
  return currencyFormat(locale, currency, exponent).format(decimal(value) as Intl.StringNumericLiteral);
}

/** Making a format costs a hundred times what using one does. Clients name the locales, so their number is bounded. */
const FORMATS = new LRUCache<string, Intl.NumberFormat>({ max: 500 });

function kept(key: string, make: () => Intl.NumberFormat): Intl.NumberFormat {
  const format = FORMATS.get(key) ?? make();
  FORMATS.set(key, format);
  return format;
}

const numberFormat = (locale: string) => kept(locale, () => new Intl.NumberFormat(locale));

const currencyFormat = (locale: string, currency: string, digits: number) =>
  kept(
    `${locale} ${currency} ${digits}`,
    () =>
      new Intl.NumberFormat(locale, {
        style: 'currency',
        currency,
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
      }),
  );
