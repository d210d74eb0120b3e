const MEMBER = /^(?<group>[^[\]]+)\[(?<name>[^[\]]+)\]$/u;

/** The members of `group[name]=value`; the last of several wins, and `group=value` is ignored (§4, point 9). */
export function nested(query: URLSearchParams, group: string): ReadonlyMap<string, string> {
  const members = new Map<string, string>();
  for (const [key, value] of query) {
    const match = MEMBER.exec(key)?.groups;
    if (match?.['group'] === group && match['name'] !== undefined) members.set(match['name'], value);
  }
  return members;
}

/** A list URL with another cursor: the other parameters kept, keys in alphabetical order (§4, point 10). */
export function listUrl(
  path: string,
  query: URLSearchParams,
  cursor: 'after' | 'before',
  id: string,
): string {
  const kept = [...query].filter(([key]) => !['page', 'page[after]', 'page[before]'].includes(key));
  const sorted = [...kept, [`page[${cursor}]`, id] as [string, string]].sort(([a], [b]) => (a < b ? -1 : 1));
  return `http://example.org${path}?${new URLSearchParams(sorted).toString()}`;
}
