import * as fc from 'fast-check';
import type { Draw } from '../support/random-value.ts';
import type { Break, Spoil } from '../support/spoiled-answers.ts';

/** One thing that is wrong with a provider's answers; the same request is always answered in the same way. */
export interface Spoilage {
  /** Answers of requests whose path holds this. */
  readonly match: string;
  readonly how: keyof typeof CHANGES | 'reset' | 'torn' | 'cut' | 'late';
  /** Which of the answer's members, or lists, it befalls: counted in the order of the text. */
  readonly at: number;
  /** Whether every member of that name is changed, as when a provider changes what it sends; otherwise one alone. */
  readonly everywhere: boolean;
}

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Container = Json[] | { [name: string]: Json };

interface Member {
  readonly inside: Container;
  readonly key: string | number;
}

/** Changes of one member of a document. */
const MEMBERS = {
  null: () => null,
  'another type': (value: Json): Json => (typeof value === 'string' ? { text: value } : String(value)),
  'a list': (value: Json): Json => [value],
  'a fraction': () => 0.5,
  'beyond 32 bits': () => 2 ** 31,
  'beyond 53 bits': () => 2 ** 53,
  'a long text': () => 'x'.repeat(100_000),
  'an odd text': () => '\u001b[2J\u0000\ud800',
  empty: () => '',
} satisfies Record<string, (value: Json) => Json>;

/** Changes of a list of rows. */
const LISTS = {
  repeated: (rows: Json[]) => rows.push(...rows),
  'out of order': (rows: Json[]) => rows.reverse(),
  'no rows, and more to come': (rows: Json[]) => rows.splice(0),
} satisfies Record<string, (rows: Json[]) => unknown>;

const CHANGES = { ...MEMBERS, missing: null, ...LISTS };

const MATCHES = [
  '/transactions',
  '/accounts',
  '/cards',
  '/cardholder',
  '/balance',
  '/userInfo',
  '/webhooks',
  '/sync',
  '/',
];
const HOW = [...Object.keys(CHANGES), 'reset', 'torn', 'cut', 'late'] as Spoilage['how'][];

export const drawSpoilage = (draw: Draw): Spoilage => ({
  match: draw(fc.constantFrom, ...MATCHES),
  how: draw(fc.constantFrom, ...HOW),
  at: draw(fc.nat, { max: 400 }),
  everywhere: draw(fc.boolean),
});

export const spoilWith =
  (spoilages: readonly Spoilage[]): Spoil =>
  (document, path) => {
    for (const spoilage of spoilages) if (path.includes(spoilage.match)) change(document as Json, spoilage);
  };

export const breakWith =
  (spoilages: readonly Spoilage[]) =>
  (path: string): Break | null => {
    const found = spoilages.find(
      ({ match, how }) => path.includes(match) && (isBreak(how) || how === 'late'),
    );
    if (!found) return null;
    return isBreak(found.how) ? found.how : { late: found.at * 4 };
  };

const isBreak = (how: string): how is 'reset' | 'torn' | 'cut' => ['reset', 'torn', 'cut'].includes(how);

function change(document: Json, { how, at, everywhere }: Spoilage): void {
  const members = membersOf(document);
  if (how in LISTS) {
    const lists = members
      .map(({ inside, key }) => valueAt(inside, key))
      .filter((value): value is Json[] => Array.isArray(value));
    const list = lists[at % lists.length];
    if (list) LISTS[how as keyof typeof LISTS](list);
    return;
  }
  if (!everywhere) return changeOne(members[at % members.length], how);
  const names = [...new Set(members.flatMap(({ key }) => (typeof key === 'string' ? key : [])))];
  const name = names[at % names.length];
  for (const member of members) if (member.key === name) changeOne(member, how);
}

function changeOne(member: Member | undefined, how: Spoilage['how']): void {
  if (!member) return;
  const { inside, key } = member;
  if (how === 'missing') {
    if (Array.isArray(inside)) inside.splice(Number(key), 1);
    else delete inside[key];
  } else if (how in MEMBERS) {
    (inside as Record<string, Json>)[key] = MEMBERS[how as keyof typeof MEMBERS](valueAt(inside, key));
  }
}

const valueAt = (inside: Container, key: string | number): Json =>
  (inside as Record<string | number, Json>)[key] ?? null;

/** Every member of every object and list within, outermost first. */
function membersOf(document: Json): Member[] {
  if (typeof document !== 'object' || document === null) return [];
  const own: Member[] = Array.isArray(document)
    ? document.map((_row, key) => ({ inside: document, key }))
    : Object.keys(document).map((key) => ({ inside: document, key }));
  return [...own, ...own.flatMap(({ key }) => membersOf(valueAt(document, key)))];
}
