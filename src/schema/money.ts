import { badUserInput } from '../domain/errors.ts';
import { decimal, formatted, type Money as MoneyValue } from '../domain/money.ts';
import { builder } from './builder.ts';
import { price } from './price.ts';
import { longest } from './text-lengths.ts';

export const MoneyDirection = builder.enumType('MoneyDirection', {
  description: 'Which way money moved, seen from the account.',
  values: {
    CREDIT: { value: 'CREDIT', description: 'It came in.' },
    DEBIT: { value: 'DEBIT', description: 'It went out.' },
  },
});

export const Money = builder.objectRef<MoneyValue>('Money').implement({
  description: "An amount of money: an integer in the currency's smallest unit, and the currency.",
  fields: (t) => ({
    minorUnits: t.expose('minorUnits', {
      type: 'SafeInt',
      description:
        "In the currency's smallest unit as its provider counts it: 1000 is 10.00 USD, and 1000 is 1,000 VND. " +
        'Never negative for what moved (see `direction`); a balance is, when the account is overdrawn.',
    }),
    currency: t.expose('currency', { type: 'CurrencyCode', description: 'The currency that it is in.' }),
    decimal: t.string({
      description: 'The exact amount in the main unit, such as "10.00": for arithmetic in a decimal library.',
      resolve: decimal,
    }),
    formatted: t.string({
      extensions: price({ work: 10 }),
      description: 'Text for people, such as "$10.00" or "₫1,000".',
      args: {
        locale: t.arg.string({
          extensions: longest(35),
          description: 'How to write it: a BCP 47 tag such as `km-KH` or `vi-VN`; `en-US` without.',
        }),
      },
      resolve: (money, { locale }) => {
        if (typeof locale === 'string' && !isLocale(locale))
          throw badUserInput('locale', 'locale must be a BCP 47 tag such as en-US.');
        return formatted(money, locale ?? undefined);
      },
    }),
  }),
});

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
