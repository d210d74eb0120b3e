import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimal, formatted, type Money, money } from '../../src/domain/money.ts';

const minorUnits = fc.maxSafeInteger();
const exponent = fc.integer({ min: 0, max: 8 });
const amount = (units: number, decimals: number | null, currency = 'USD'): Money => ({
  minorUnits: units,
  currency,
  exponent: decimals,
});

/** The digits of a text for people, without what groups them, and its sign. */
const plain = (text: string): string => text.replaceAll(/[^\d.-]/g, '');

describe('money', () => {
  test('counts decimals per provider and currency, and invents none', () => {
    expect(money('BONGLOY', 1000, 'USD')).toEqual({ minorUnits: 1000, currency: 'USD', exponent: 2 });
    expect(money('BONGLOY', 1000, 'KHR').exponent).toBe(0);
    expect(money('CASSO', 1000, 'VND').exponent).toBe(0);
    expect(money('CASSO', 1000, 'USD').exponent).toBeNull();
    expect(money('BONGLOY', 1000, 'EUR').exponent).toBeNull();
  });

  test('holds any safe integer, and refuses everything else', () =>
    fc.assert(
      fc.property(fc.oneof(minorUnits, fc.double()), (units) => {
        if (Number.isSafeInteger(units)) expect(money('CASSO', units, 'VND').minorUnits).toBe(units + 0);
        else expect(() => money('CASSO', units, 'VND')).toThrow(RangeError);
      }),
    ));

  test('has no negative zero', () => {
    expect(money('BONGLOY', -0, 'EUR').minorUnits).toBe(0);
    expect(formatted(money('BONGLOY', -0, 'EUR'))).toBe('0 EUR');
  });
});

describe('the decimal text', () => {
  test.each([
    [1000, 2, '10.00'],
    [5, 2, '0.05'],
    [-5, 2, '-0.05'],
    [-100, 2, '-1.00'],
    [0, 2, '0.00'],
    [1000, 0, '1000'],
    [1000, null, '1000'],
    [Number.MAX_SAFE_INTEGER, 2, '90071992547409.91'],
  ])('of %i with %s decimals is %s', (units, decimals, expected) => {
    expect(decimal(amount(units, decimals))).toBe(expected);
  });

  test('is exact for every safe integer and every number of decimals', () =>
    fc.assert(
      fc.property(minorUnits, exponent, (units, decimals) => {
        const text = decimal(amount(units, decimals));
        expect(text).toMatch(decimals === 0 ? /^-?\d+$/ : new RegExp(`^-?\\d+\\.\\d{${decimals}}$`));
        expect(text).not.toMatch(/^-?0\d/);
        expect(BigInt(text.replace('.', ''))).toBe(BigInt(units));
      }),
    ));
});

describe('the text for people', () => {
  test.each([
    [1000, 2, 'USD', 'en-US', '$10.00'],
    [-1234567, 2, 'USD', 'en-US', '-$12,345.67'],
    [1000, 0, 'VND', 'en-US', '₫1,000'],
    [3_750_000_000, 0, 'VND', 'vi-VN', '3.750.000.000 ₫'],
    [40_000, 0, 'KHR', 'en-US', 'KHR 40,000'],
    [1234, null, 'EUR', 'en-US', '1,234 EUR'],
  ])('of %i with %s decimals in %s for %s is %s', (units, decimals, currency, locale, expected) => {
    const text = formatted(amount(units, decimals, currency), locale);
    expect(text.replaceAll(/\s/g, ' ')).toBe(expected);
  });

  test('is American without a locale', () => {
    expect(formatted(amount(123_456, 2))).toBe(formatted(amount(123_456, 2), 'en-US'));
  });

  test('loses no digit at any size', () =>
    fc.assert(
      fc.property(minorUnits, exponent, (units, decimals) => {
        const value = amount(units, decimals);
        expect(plain(formatted(value))).toBe(decimal(value));
      }),
    ));

  test('shows smallest units, all digits of them, when the decimals are not known', () =>
    fc.assert(
      fc.property(minorUnits, (units) => {
        expect(plain(formatted(amount(units, null)))).toBe(String(units));
      }),
    ));

  test('refuses what is no locale', () => {
    expect(() => formatted(amount(1, 2), 'not a locale')).toThrow(RangeError);
    expect(() => formatted(amount(1, null), '')).toThrow(RangeError);
  });
});
