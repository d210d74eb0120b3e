import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  conditionsKey,
  foldedText,
  hasConditions,
  meets,
} from '../../src/domain/bank-transaction-conditions.ts';
import { money } from '../../src/domain/money.ts';
import { bankTransaction } from '../support/events.ts';

/** The letters of Vietnamese: each line is one letter with all its accents, the plain letter first. */
const LETTERS = `
aàáảãạăằắẳẵặâầấẩẫậ bb cc dđ eèéẻẽẹêềếểễệ gg hh iìíỉĩị kk ll mm nn oòóỏõọôồốổỗộơờớởỡợ pp qq rr ss tt uùúủũụưừứửữự vv xx
yỳýỷỹỵ ff jj ww zz 00 11 22 33 44 55 66 77 88 99`
  .trim()
  .split(/\s+/u)
  .map((line) => Array.from(line));

/** What stands between letters, or is put there by a bank. */
const BETWEEN = [
  ' ',
  '  ',
  '\t',
  '\n',
  '\u00a0',
  '.',
  '-',
  '/',
  '_',
  ',',
  ':',
  ';',
  '#',
  '*',
  '(',
  '’',
  '–',
  '‑',
  '…',
  '₫',
  '🧾',
  '\u200b',
];

/** A text as it was meant, letter by letter, and the plain letters that it is of. */
const written = fc.array(
  fc
    .constantFrom(...LETTERS)
    .chain((line) => fc.constantFrom(...line).map((letter) => ({ letter, plain: line[0] ?? '' }))),
  { minLength: 1, maxLength: 40 },
);

/** One letter as a bank or a person may write it. */
const spelled = (letter: string, plain: string) =>
  fc
    .record({
      base: fc.constantFrom(letter, plain),
      isUpper: fc.boolean(),
      form: fc.constantFrom('NFC', 'NFD', 'NFKC', 'NFKD'),
      before: fc.oneof({ weight: 3, arbitrary: fc.constant('') }, fc.constantFrom(...BETWEEN)),
    })
    .map(({ base, isUpper, form, before }) => before + (isUpper ? base.toUpperCase() : base).normalize(form));

const mangled = (letters: readonly { letter: string; plain: string }[]) =>
  fc.tuple(...letters.map(({ letter, plain }) => spelled(letter, plain))).map((parts) => parts.join(''));

describe('a folded text', () => {
  test.each([
    ['THANHTOAN  DH-12.34', 'thanhtoandh1234'],
    ['Nguyễn Văn Đức', 'nguyenvanduc'],
    ['Nguyễn Văn Đức'.normalize('NFD'), 'nguyenvanduc'],
    ['ÐẶNG ðặng ɖ', 'dangdangd'],
    ['ＤＨ１２ ①', 'dh121'],
    ['MBVCB.3278907687.CT tu 0441000', 'mbvcb3278907687cttu0441000'],
    ['ចំណាយ ១២៣', 'ចំណាយ១២៣'],
    ['付款 DH 7', '付款dh7'],
    ['— … 🧾 ₫', ''],
    ['', ''],
  ])('%j is %j', (text, folded) => {
    expect(foldedText(text)).toBe(folded);
  });

  test('is the plain letters and digits of Vietnamese, however case, accents, blanks and punctuation were changed', () => {
    const text = written.chain((letters) => fc.tuple(fc.constant(letters), mangled(letters)));
    fc.assert(
      fc.property(text, ([letters, sent]) => {
        expect(foldedText(sent)).toBe(letters.map(({ plain }) => plain).join(''));
      }),
    );
  });

  test('of any text: folding it again changes nothing, and neither does its normal form or what stands between', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 });
    fc.assert(
      fc.property(text, fc.constantFrom(...BETWEEN), (given, between) => {
        const folded = foldedText(given);
        expect(foldedText(folded)).toBe(folded);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'])
          expect(foldedText(given.normalize(form))).toBe(folded);
        expect(foldedText(between + given + between)).toBe(folded);
        expect(folded).not.toMatch(/[\s\p{P}\p{S}\p{C}\p{Z}]/u);
      }),
    );
  });
});

describe('a bank transaction', () => {
  const described = (description: string | null) => bankTransaction({ description });

  test('is found by any part of its description, however either was mangled', () => {
    const pair = written.chain((letters) =>
      fc
        .tuple(fc.nat(letters.length - 1), fc.nat(letters.length - 1))
        .chain(([one, other]) =>
          fc.tuple(mangled(letters), mangled(letters.slice(Math.min(one, other), Math.max(one, other) + 1))),
        ),
    );
    fc.assert(
      fc.property(pair, ([description, asked]) => {
        expect(meets(described(description), { text: foldedText(asked) })).toBe(true);
      }),
    );
  });

  test('is found by a text exactly if its plain letters hold those of the text', () => {
    const short = fc
      .array(fc.constantFrom('a', 'Á', 'd', 'Đ', '1', ' ', '-'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    const plain = (text: string) => text.replace(/[ -]/gu, '').replace(/Á/gu, 'a').replace(/Đ/gu, 'd');
    fc.assert(
      fc.property(
        short,
        short.filter((text) => plain(text) !== ''),
        (description, text) => {
          const isFound = meets(described(description), { text: foldedText(text) });
          expect(isFound).toBe(plain(description).includes(plain(text)));
        },
      ),
    );
  });

  test('without a description is found by no text', () => {
    expect(meets(described(null), { text: 'a' })).toBe(false);
    expect(meets(described(null), {})).toBe(true);
  });

  test('meets all conditions exactly if it meets each: amounts are absolute, and bounds are included', () => {
    const direction = fc.constantFrom('CREDIT' as const, 'DEBIT' as const);
    const amount = fc.nat(6);
    const conditions = fc.record(
      { direction, minimumAmount: amount, maximumAmount: amount, text: fc.constantFrom('dh1', 'dh2') },
      { requiredKeys: [] },
    );
    const row = fc.record({
      direction,
      minorUnits: amount,
      description: fc.constantFrom('DH 1', 'đh-2', null),
    });
    fc.assert(
      fc.property(row, conditions, ({ direction: way, minorUnits, description }, given) => {
        const wanted =
          (given.direction ?? way) === way &&
          (given.minimumAmount ?? minorUnits) <= minorUnits &&
          (given.maximumAmount ?? minorUnits) >= minorUnits &&
          (given.text === undefined || (description !== null && given.text.at(-1) === description.at(-1)));
        const transaction = bankTransaction({
          direction: way,
          amount: money('CASSO', minorUnits, 'VND'),
          description,
        });
        expect(meets(transaction, given)).toBe(wanted);
      }),
    );
  });
});

describe('the key of conditions', () => {
  const conditions = fc.record(
    {
      direction: fc.constantFrom('CREDIT' as const, 'DEBIT' as const),
      minimumAmount: fc.nat(2),
      maximumAmount: fc.nat(2),
      text: fc.constantFrom('a', 'b', '1', 'x'.repeat(3_000)),
    },
    { requiredKeys: [], noNullPrototype: true },
  );

  test('is the same exactly for the same conditions, empty without any, and short', () => {
    fc.assert(
      fc.property(conditions, conditions, (one, other) => {
        const isSame = isDeepStrictEqual(one, other);
        expect(conditionsKey(one) === conditionsKey(other)).toBe(isSame);
        expect(conditionsKey(one) !== '').toBe(hasConditions(one));
        expect(conditionsKey(one).length).toBeLessThan(100);
      }),
      { numRuns: 1_000 },
    );
  });

  test('of a direction alone is what cursors have always held', () => {
    expect([conditionsKey({}), conditionsKey({ direction: 'DEBIT' })]).toEqual(['', 'DEBIT']);
  });
});
