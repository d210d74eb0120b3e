import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson, type StrictJson } from '../../src/lib/strict-json.ts';

const parse = (text: string, options?: { maxDepth?: number }): StrictJson =>
  parseStrictJson(Buffer.from(text), options);
const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('whatever JSON.stringify writes is read back as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), fc.nat(2), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const forbidden = /"(?:__proto__|constructor|prototype)":/.test(text);
      expect(parse(text)).toEqual(forbidden ? { refused: 'forbidden-key' } : { value: JSON.parse(text) });
    }),
  );
});

test('no bytes at all make it throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 64 }),
        fc.string().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(Object.keys(parseStrictJson(bytes))).toHaveLength(1);
      },
    ),
  );
});

describe('refused is', () => {
  test.each(['', ' ', '{', '{"a":1}x', "{'a':1}", '{"a":1,}', 'NaN', '01', '"\u0000"', '{a:1}', '[1 2]'])(
    'what is not JSON: %j',
    (text) => {
      expect(parse(text)).toEqual({ refused: 'not-json' });
    },
  );

  test.each([[[0x22, 0xff, 0x22]], [[0x22, 0xc0, 0xaf, 0x22]], [[0x22, 0xed, 0xa0, 0x80, 0x22]]])(
    'what is not UTF-8: %j',
    (bytes) => {
      expect(parseStrictJson(Uint8Array.from(bytes))).toEqual({ refused: 'not-utf-8' });
    },
  );

  test.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":{"c":[{}]},"a":2}',
    '[{"x":{"a":1,"\\u0061":2}}]',
    '{"":1,"":2}',
    '{ "a\\"b" : 1 , "a\\u0022b" : 2 }',
  ])('one name for two members: %s', (text) => {
    expect(parse(text)).toEqual({ refused: 'duplicate-key' });
  });

  test.each([
    '{"__proto__":{"admin":true}}',
    '[{"a":{"constructor":1}}]',
    '{"prototype":null}',
    '{"\\u005f_proto__":1}',
  ])('a name that means something else: %s', (text) => {
    expect(parse(text)).toEqual({ refused: 'forbidden-key' });
  });

  test('nesting beyond the limit, and not at it', () => {
    expect(parse(nested(32))).toHaveProperty('value');
    expect(parse(nested(33))).toEqual({ refused: 'too-deep' });
    expect(parse('{"a":{}}', { maxDepth: 1 })).toEqual({ refused: 'too-deep' });
    expect(parse(nested(500_000))).toEqual({ refused: 'too-deep' });
  });
});

describe('not refused is', () => {
  test.each([
    '{"a":{"b":1},"b":{"b":1}}',
    '[{"a":1},{"a":1}]',
    '{"a":"a","b":"a"}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
    '{"a":"__proto__"}',
    '["constructor",":"]',
  ])('what only looks like a repeated or forbidden name: %s', (text) => {
    expect(parse(text)).toEqual({ value: JSON.parse(text) });
  });

  test('half a character, where a bank cut the text', () => {
    expect(parse('"\\ud83d"')).toEqual({ value: '\ud83d' });
  });

  test('a number too large for a double, which becomes the nearest one', () => {
    expect(parse('9007199254740993')).toEqual({ value: 9007199254740992 });
  });
});

test('a megabyte of anything is judged in time proportional to it', () => {
  const hostile = [
    `"${'\\\\'.repeat(500_000)}"`,
    `"${'x'.repeat(1_000_000)}"`,
    `[${'{},'.repeat(300_000)}{}]`,
    `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":0`).join()}}`,
    '"'.repeat(1_000_000),
    '{"a":'.repeat(200_000),
  ];
  const begun = performance.now();
  for (const text of hostile) parse(text);
  // Each takes some tens of milliseconds; anything quadratic would take minutes.
  expect(performance.now() - begun).toBeLessThan(10_000);
});
