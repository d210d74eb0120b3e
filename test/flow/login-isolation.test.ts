import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SANDBOX_BUSINESSES } from '../../src/providers/casso/sandbox/index.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import {
  AUTHENTICATE,
  allowAtCasso,
  COMPLETE,
  LINK_KEY,
  REDIRECT_URI,
  result,
  START,
  signedIn,
  VERIFY,
} from './login-support.ts';
import { type Exchange, startTap, type Tap } from './login-tap.ts';

/*
 * Three sessions in one process. `one` and `two` have credentials of their own for the same cardholder and the same
 * business, so that they ask for the same ids; the wires mark every answer with whose credential asked for it. `three`
 * is somebody else altogether.
 */

const WHO = ['one', 'two', 'three'] as const;
type Who = (typeof WHO)[number];
const mark = (who: Who): string => `asked-by-${who}`;
/** Also numbers, for balances: no other amount looks like them. */
const NUMBERS: Readonly<Record<Who, number>> = { one: 770_077_001, two: 770_077_002, three: 770_077_003 };
const marksOf = (who: Who): readonly string[] => [mark(who), String(NUMBERS[who])];

let taps: { readonly bongloy: Tap; readonly casso: Tap };
let gateway: Gateway;
const tokens = {} as Record<Who, string>;
/** Ids that each of them may see. */
const own = {} as Record<Who, readonly string[]>;

const ownerOf = new Map<string, Who>();
/** Whose login the tokens of a first grant belong to. */
let loggingIn: Who = 'one';
const TOLD = new Set(['name', 'number', 'last_four', 'accountName', 'description']);

/** The provider's answer, with the mark of whose credential it was asked with in every text that clients see. */
function marked({ path, headers, body, answer }: Exchange): string {
  if (path.endsWith('/token')) {
    const refreshed = [...ownerOf].find(([token]) => body.includes(token))?.[1];
    const { access_token, refresh_token } = JSON.parse(answer);
    for (const token of [access_token, refresh_token]) {
      if (typeof token === 'string') ownerOf.set(token, refreshed ?? loggingIn);
    }
    return answer;
  }
  const owner = ownerOf.get(headers.authorization?.replace(/^\w+ /, '') ?? '');
  if (!owner || !answer.startsWith('{')) return answer;
  const isBalance = path.endsWith('/balance');
  return JSON.stringify(
    JSON.parse(answer, (name, value) => {
      if (isBalance && name === 'amount') return NUMBERS[owner];
      return TOLD.has(name) && typeof value === 'string' ? mark(owner) : value;
    }),
  );
}

async function logIn(who: Who): Promise<void> {
  loggingIn = who;
  const [phone, accountIdentifier] =
    who === 'three' ? ['85510000003', '204000401'] : ['85513333333', '204000201'];
  const begun = await result(gateway, VERIFY, { phoneNumber: `+${phone}`, accountIdentifier });
  const { id: cardholderVerificationId } = begun.verification;
  const input = { authToken: await signedIn(gateway, phone), cardholderVerificationId };
  const { token } = (await result(gateway, AUTHENTICATE, input)).session;
  tokens[who] = token;
  if (who === 'two') {
    const { authorizationUrl } = await result(gateway, START, { redirectUri: REDIRECT_URI }, token);
    const atCasso = authorizationUrl.replace(taps.casso.url, gateway.casso.url);
    const { code, state } = await allowAtCasso(atCasso, 'main');
    await result(gateway, COMPLETE, { code, state }, token);
  } else {
    const { apiKey } = SANDBOX_BUSINESSES[who === 'one' ? 'main' : 'second'];
    ownerOf.set(apiKey, who);
    await result(gateway, LINK_KEY, { apiKey }, token);
  }
}

const LISTS = {
  accounts:
    'number balance { available { minorUnits } } cardholder { name } cards(first: 2) { nodes { lastFour } }',
  cards: 'lastFour account { number }',
  transactions: 'description account { number } card { lastFour }',
  bankAccounts: 'accountName',
  bankTransactions: 'description bankAccount { accountName }',
  activity: 'description',
};
type List = keyof typeof LISTS;
const listQuery = (list: List, first: number) =>
  `{ ${list}(first: ${first}) { nodes { id ${LISTS[list]} } } }`;
const NODE = `
  __typename id
  ... on Cardholder { name }
  ... on Account { ${LISTS.accounts} }
  ... on Card { ${LISTS.cards} }
  ... on Transaction { ${LISTS.transactions} }
  ... on BankAccount { ${LISTS.bankAccounts} }
  ... on BankTransaction { ${LISTS.bankTransactions} }
`;

beforeAll(async () => {
  taps = { bongloy: await startTap(marked), casso: await startTap(marked) };
  gateway = await startGateway({ env: { BONGLOY_API_URL: taps.bongloy.url, CASSO_API_URL: taps.casso.url } });
  taps.bongloy.connect(gateway.bongloy.url);
  taps.casso.connect(gateway.casso.url);
  for (const who of WHO) {
    await logIn(who);
    const ids: string[] = [];
    for (const list of Object.keys(LISTS) as List[]) {
      const { data } = await gateway.ask(listQuery(list, 8), undefined, tokens[who]);
      ids.push(...data?.[list].nodes.map(({ id }: { id: string }) => id));
    }
    const { data } = await gateway.ask('{ cardholder { id } }', undefined, tokens[who]);
    own[who] = [...new Set([data?.cardholder.id, ...ids])];
  }
}, 60_000);
afterAll(async () => {
  await gateway.stop();
  await Promise.all([taps.bongloy.close(), taps.casso.close()]);
});

const place = fc.nat(1_000);
const question = fc.record({
  who: fc.constantFrom(...WHO),
  about: fc.oneof(
    fc.record({
      list: fc.constantFrom(...(Object.keys(LISTS) as List[])),
      first: fc.integer({ min: 1, max: 8 }),
    }),
    fc.record({
      ids: fc.array(fc.record({ of: fc.constantFrom(...WHO), place }), { minLength: 1, maxLength: 4 }),
    }),
  ),
});
type Question = typeof question extends fc.Arbitrary<infer Value> ? Value : never;
/** What happens just before everybody asks. */
const upset = fc.constantFrom('nothing', 'tokens end', 'news comes');

async function ask({ who, about }: Question): Promise<void> {
  const text = 'list' in about ? await askList(who, about.list, about.first) : await askIds(who, about.ids);
  for (const other of WHO) {
    if (other === who) continue;
    for (const theirs of marksOf(other))
      expect(text, `${who} sees what ${other} asked for`).not.toContain(theirs);
  }
}

async function askList(who: Who, list: List, first: number): Promise<string> {
  const { data, errors } = await gateway.ask(listQuery(list, first), undefined, tokens[who]);
  expect(errors).toBeUndefined();
  const text = JSON.stringify(data);
  expect(text).toContain(mark(who));
  return text;
}

async function askIds(
  who: Who,
  wanted: readonly { readonly of: Who; readonly place: number }[],
): Promise<string> {
  const ids = wanted.map(({ of, place: at }) => own[of][at % own[of].length] ?? '');
  const [query, variables] =
    ids.length === 1
      ? [`query ($id: ID!) { nodes: node(id: $id) { ${NODE} } }`, { id: ids[0] }]
      : [`query ($ids: [ID!]!) { nodes(ids: $ids) { ${NODE} } }`, { ids }];
  const { data, errors } = await gateway.ask(query, variables, tokens[who]);
  expect(errors).toBeUndefined();
  const nodes = [data?.nodes].flat();
  expect(nodes.map((node) => node?.id ?? null)).toEqual(ids.map((id) => (own[who].includes(id) ? id : null)));
  for (const node of nodes) if (node) expect(JSON.stringify(node)).toContain(mark(who));
  return JSON.stringify(data);
}

test('`one` and `two` may see the same ids, and `three` none of them', () => {
  expect(own.two).toEqual(own.one);
  expect(own.one.filter((id) => own.three.includes(id))).toEqual([]);
  expect(own.one.length).toBeGreaterThan(20);
});

test('Whatever they ask at once, nobody ever sees what was fetched for another', async () => {
  await fc.assert(
    fc.asyncProperty(upset, fc.array(question, { minLength: 10, maxLength: 40 }), async (what, questions) => {
      if (what === 'tokens end') {
        gateway.bongloy.control.expireAccessToken();
        gateway.casso.control.expireTokens();
      }
      if (what === 'news comes') {
        gateway.bongloy.control.makePurchase();
        gateway.casso.control.makeTransfer({ business: 'main' });
      }
      await Promise.all(questions.map(ask));
    }),
    { numRuns: 25 },
  );
}, 60_000);
