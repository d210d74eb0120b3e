import { readFileSync } from 'node:fs';

const file = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What docs/providers.md says of a document's members: one column each. */
export interface MemberTable {
  readonly needed: readonly string[];
  readonly shown: readonly string[];
  readonly ignored: readonly string[];
}

const ROW = /^\| (Bongloy|Casso) `(\w+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$/gm;

/** The table by provider and document, such as `Casso WireAccount`. */
export function memberTables(): ReadonlyMap<string, MemberTable> {
  // What stands in brackets explains.
  const names = (cell = '') =>
    [...cell.replace(/\([^)]*\)/g, '').matchAll(/`(\w+)`/g)].map(([, name]) => name ?? '');
  return new Map(
    [...file('docs/providers.md').matchAll(ROW)].map(([, provider, document, needed, shown, ignored]) => [
      `${provider} ${document}`,
      { needed: names(needed), shown: names(shown), ignored: names(ignored) },
    ]),
  );
}

/** The members of an interface in a provider's wire.ts, by its text. */
export function wireMembers(provider: 'bongloy' | 'casso', name: string): readonly string[] {
  const text = file(`src/providers/${provider}/wire.ts`);
  const [, parent, body = ''] =
    new RegExp(`interface ${name}(?:<[^{]*?>)?(?: extends (\\w+))? \\{\\n(.*?)\\n\\}`, 's').exec(text) ?? [];
  const own = [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, member]) => member ?? '');
  return parent ? [...wireMembers(provider, parent), ...own] : own;
}
