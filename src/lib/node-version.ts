/** Oldest minor version of each supported line of Node.js: `engines` of package.json. */
const LINES: ReadonlyMap<number, number> = new Map([
  [20, 19],
  [22, 13],
]);

const NEWEST_LINE = Math.max(...LINES.keys());

/** @param version as `process.versions.node`: 20.19.0 */
export function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > NEWEST_LINE || minor >= (LINES.get(major) ?? Number.POSITIVE_INFINITY);
}

/**
 * Ends the process with one sentence where Node.js is too old. An entry calls it before it imports anything else: an
 * older Node.js would stop at an import that it does not know, with a stack.
 */
export function refuseOldNode(version = process.versions.node): void {
  if (isSupported(version)) return;
  process.stderr.write(`This needs Node.js 20.19 or newer of 20, or 22.13 or newer; this is ${version}.\n`);
  process.exit(1);
}
