/** Numbers that look random and are the same at every start (mulberry32). */
export interface Random {
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** As text, leading zeros kept. */
  digits(count: number): string;
}

export function createRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const int = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    int,
    pick: (list) => list[int(0, list.length - 1)] ?? list[0],
    digits: (count) => Array.from({ length: count }, () => int(0, 9)).join(''),
  };
}

/** The id of a made-up row: the kind's eight hexadecimal digits, then its number. */
export function demoId(kind: string, number: number): string {
  return `${kind}-0000-4000-8000-${String(number).padStart(12, '0')}`;
}
