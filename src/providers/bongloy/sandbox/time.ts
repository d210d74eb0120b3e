/** Bongloy's time format: UTC, whole seconds, `2020-05-25T05:08:20Z` (§8). `ms` is since the Unix epoch. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
