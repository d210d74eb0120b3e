import { useEffect, useState } from 'react';
import type { Problem } from '../api/problem.ts';

/** Counts down from `retryAfterSeconds`, once for each problem; 0 when there is nothing to wait for. */
export function useSecondsLeft(problem: Problem | null): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const end = Date.now() + (problem?.retryAfterSeconds ?? 0) * 1_000;
    const tick = () => setLeft(Math.max(0, Math.ceil((end - Date.now()) / 1_000)));
    tick();
    const timer = setInterval(tick, 500);
    return () => clearInterval(timer);
  }, [problem]);
  return left;
}
