/** A member's value as a provider may spoil it; `undefined` takes it away. */
export function oddValues(value: unknown): readonly unknown[] {
  return [
    undefined,
    null,
    '',
    'odd',
    0,
    -1,
    1.5,
    2 ** 31,
    2 ** 53,
    1e300,
    true,
    [],
    {},
    typeof value === 'number' ? String(value) : Number(value) || 7,
    typeof value === 'string' ? flipped(value) : value,
  ];
}

/** A value that the member surely cannot be read from. */
export const surelyOdd = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? 7 : { odd: true };

const flipped = (text: string): string =>
  text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();

/** Tokens that no header could hold. */
export const UNSENDABLE = ['a\nb', 'a\r\nX-More: 1', 'a\u0000b', 'tö✓', ' ', 'a b', 'a\u007f'];
