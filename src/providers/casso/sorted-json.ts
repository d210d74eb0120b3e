/** Of a JSON text: every string, every sign of structure, and every number or word. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/**
 * Rewrites a JSON text: no blanks, strings as JavaScript writes them, and the members of every object in code-unit order;
 * lists keep theirs.
 * @param text strict JSON of bounded depth (see `parseStrictJson`).
 * @param number writes a number, given as the text writes it.
 */
export function sortedJson(text: string, number: (source: string) => string): string {
  const tokens = text.match(TOKENS) ?? [];
  let next = 0;

  function value(): string {
    const token = tokens[next] ?? '';
    next += 1;
    if (token === '{') return object();
    if (token === '[') return list();
    if (token.startsWith('"')) return string(token);
    return /^[-\d]/.test(token) ? number(token) : token;
  }

  function object(): string {
    const members: { readonly name: string; readonly written: string }[] = [];
    while (tokens[next] !== '}') {
      const written = string(tokens[next] ?? '');
      const name = JSON.parse(written) as string;
      // Over the name and the colon.
      next += 2;
      members.push({ name, written: `${written}:${value()}` });
      if (tokens[next] === ',') next += 1;
    }
    next += 1;
    members.sort((a, b) => (a.name < b.name ? -1 : 1));
    return `{${members.map(({ written }) => written).join(',')}}`;
  }

  function list(): string {
    const items: string[] = [];
    while (tokens[next] !== ']') {
      items.push(value());
      if (tokens[next] === ',') next += 1;
    }
    next += 1;
    return `[${items.join(',')}]`;
  }

  return value();
}

/** What has no escapes is written as JavaScript writes it already. */
const string = (token: string): string => (token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token);
