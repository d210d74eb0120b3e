import type { Asker } from './context.ts';

/** How much each viewer holds open at once. */
export interface Places {
  /** Takes one. @returns gives it back, once; null when all are taken. */
  take(asker: Asker): (() => void) | null;
}

/** @param most for each session and operator; the anonymous are counted by address. */
export function createPlaces(most: number): Places {
  const taken = new Map<string, number>();
  return {
    take(asker) {
      const key = keyOf(asker);
      const count = taken.get(key) ?? 0;
      if (count >= most) return null;
      taken.set(key, count + 1);
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        const left = (taken.get(key) ?? 1) - 1;
        if (left > 0) taken.set(key, left);
        else taken.delete(key);
      };
    },
  };
}

function keyOf({ viewer, address }: Asker): string {
  if (viewer.kind === 'SESSION') return viewer.session.id;
  return viewer.kind === 'OPERATOR' ? `operator:${viewer.subject}` : `address:${address}`;
}
