import fc from 'fast-check';
import { expect, test } from 'vitest';
import { upstreamUnavailable } from '../../src/domain/errors.ts';
import type { BongloyEvent, NewEvent } from '../../src/events/log.ts';
import { CardNews } from '../../src/loaders/card-news.ts';
import { Share } from '../../src/loaders/share.ts';
import type { BongloyClient } from '../../src/providers/bongloy/client.ts';
import type { Credential, ProviderCall } from '../../src/providers/provider.ts';

/** Logins, by cardholder: two of them are Dara's. */
const CARDHOLDER: Readonly<Record<string, string>> = { dara: 'd', daraToo: 'd', sophea: 's', visal: 'v' };
const WHO = Object.keys(CARDHOLDER);
/** So many that not all may read what few would. */
const CROWD = Array.from({ length: 12 }, (_, n) => `c${n}`);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Bongloy, an event log, and a process that hears of events from it. */
class World {
  now = 1_000_000_000;
  /** By cardholder: a login of the crowd is a cardholder of its own, with the account of its name. */
  readonly accounts: Record<string, string[]> = { d: ['d1', 'd2'], s: ['s1'], v: ['v1'] };
  /** Accounts that lists of accounts do not show yet, and those whose transactions lists do not show yet. */
  readonly hidden = new Set<string>();
  readonly hiddenTransactions = new Set<string>();
  readonly purchases: { readonly id: string; readonly accountId: string; readonly hint: string | null }[] =
    [];
  readonly looks: string[] = [];
  readonly lists: string[] = [];
  readonly reads: string[] = [];
  readonly down = new Set<string>();
  readonly log: BongloyEvent[] = [];
  readonly #kept = new Map<string, readonly string[]>();
  news: CardNews;

  constructor() {
    this.news = this.restart();
  }

  /** Another process, which knows nothing but the log and what was kept with the grants. */
  restart(): CardNews {
    const clock = { now: () => this.now };
    const log = {
      append: async (events: readonly NewEvent[]) => events.map((event) => this.#append(event)),
      end: async () => this.log.length,
      trimmedTo: async () => 0,
      read: async (after: number, limit: number) => ({
        events: this.log.slice(after, after + limit),
        position: after + limit,
        atEnd: after + limit >= this.log.length,
      }),
    };
    this.news = new CardNews({ client: this.#client, share: new Share(clock), clock, log });
    return this.news;
  }

  #append(event: NewEvent) {
    const known = this.log.find(({ key }) => key === event.key);
    if (!known) this.log.push({ ...(event as BongloyEvent), position: this.log.length + 1 });
    return { position: known?.position ?? this.log.length, duplicate: known !== undefined };
  }

  cardholderOf = (who: string): string => CARDHOLDER[who] ?? who;
  accountsOf = (who: string): readonly string[] => this.accounts[this.cardholderOf(who)] ?? [who];

  readonly #client = {
    accounts: async ({ credential: { id } }: ProviderCall) => {
      this.lists.push(id);
      const shown = this.accountsOf(id).filter((account) => !this.hidden.has(account));
      const rows = shown.map((account) => ({ id: account, cardholderId: this.cardholderOf(id) }));
      return { rows, hasOlder: false, hasNewer: false };
    },
    transactions: async ({ credential: { id } }: ProviderCall, { size }: { size: number }) => {
      this.looks.push(id);
      if (this.down.has(id)) throw upstreamUnavailable('BONGLOY');
      const own = this.purchases.filter(
        ({ accountId }) => this.accountsOf(id).includes(accountId) && !this.hiddenTransactions.has(accountId),
      );
      return { rows: own.toReversed().slice(0, size), hasOlder: false, hasNewer: false };
    },
    transaction: async ({ credential }: ProviderCall, id: string) => {
      this.reads.push(credential.id);
      if (this.down.has(credential.id)) throw upstreamUnavailable('BONGLOY');
      const purchase = this.purchases.find((one) => one.id === id);
      return purchase && this.accountsOf(credential.id).includes(purchase.accountId) ? purchase : null;
    },
  } as unknown as BongloyClient;

  call(id: string): ProviderCall {
    const credential: Credential = {
      provider: 'BONGLOY',
      id,
      authorization: async () => '',
      renew: async () => null,
      keptAccounts: async () => this.#kept.get(id) ?? null,
      keepAccounts: async (ids) => void this.#kept.set(id, ids),
    };
    return { credential, signal: new AbortController().signal };
  }

  /** A purchase, and the webhook that tells of it. */
  event(accountId: string, accountIdHint: string | null = accountId): BongloyEvent {
    const id = `t${this.purchases.length + 1}`;
    this.purchases.push({ id, accountId, hint: accountIdHint });
    const event = {
      provider: 'BONGLOY' as const,
      position: this.log.length + 1,
      key: id,
      type: 'transaction.created',
      source: 'WEBHOOK' as const,
      receivedAt: this.now,
      transactionId: id,
      accountIdHint,
    };
    this.log.push(event);
    return event;
  }

  /** What `visibleEvent` does. */
  async #gets(who: string, event: BongloyEvent): Promise<boolean> {
    const call = this.call(who);
    return !(await this.news.skips(call, event)) && (await this.news.read(call, event)) !== null;
  }

  /** Which of them get the event. */
  async getsIt(event: BongloyEvent, askers: readonly string[]): Promise<string[]> {
    const got = await Promise.all(askers.map((who) => this.#gets(who, event)));
    return askers.filter((_who, index) => got[index]);
  }

  /** A client that resumes after the last position that it was led to. */
  client(who: string) {
    const told: string[] = [];
    let position = this.log.length;
    let leave = () => {};
    return {
      who,
      told,
      listen: () => {
        leave = this.news.listen(this.call(who));
      },
      leave: () => leave(),
      read: async () => {
        for (const event of this.log.slice(position)) {
          if (await this.#gets(who, event)) told.push(event.transactionId);
          position = event.position;
        }
      },
    };
  }

  /** Lets time pass, a second and a round of looks at once. */
  async pass(ms: number, then: () => Promise<unknown>): Promise<void> {
    for (const end = this.now + ms; this.now < end; ) {
      this.now += 25 * SECOND;
      await this.news.look(new AbortController().signal);
      await then();
    }
  }
}

const ofCardholder = (cardholder: string, askers: readonly string[] = WHO): string[] =>
  askers.filter((who) => CARDHOLDER[who] === cardholder);

test('while few listen, an event reaches its owner’s logins at once, and no other, whichever account it names', async () => {
  const account = fc.constantFrom('d1', 'd2', 'd3', 's1', 'v1', 'x1');
  const named = fc.constantFrom('d1', 'd2', 'd3', 's1', 'v1', 'x1', 'x2', null, 'true');
  const step = fc.record({
    account,
    named,
    askers: fc.shuffledSubarray(WHO, { minLength: 1 }),
    // Dara opens an account in the middle.
    opens: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.subarray(WHO), fc.array(step, { maxLength: 10 }), async (listeners, steps) => {
      const world = new World();
      for (const who of listeners) world.news.listen(world.call(who));
      for (const { account: accountId, named: hint, askers, opens } of steps) {
        world.now += 20 * SECOND;
        const event = world.event(accountId, hint === 'true' ? accountId : hint);
        const owner = Object.keys(world.accounts).find((id) => world.accounts[id]?.includes(accountId));
        expect(await world.getsIt(event, askers)).toEqual(ofCardholder(owner ?? '', askers));
        if (opens && !world.accounts['d']?.includes('d3')) world.accounts['d']?.push('d3');
      }
    }),
    { numRuns: 15 },
  );
}, 60_000);

/** A client may also be away for longer than what was passed over waits. */
const LAG_SECONDS = 200;
const anyWait = fc.oneof(
  fc.integer({ min: 1, max: LAG_SECONDS }),
  fc.integer({ min: 10 * 60, max: 25 * 60 }),
);

test('in a crowd, each event reaches each of its owner’s logins once, in its place or late, and no other', async () => {
  const account = fc.constantFrom('d1', 'd3', 'd4', 's1', 's2', 'v1', 'x1', 'c3');
  const named = fc.constantFrom('true', 'true', 'true', 'd1', 'd3', 's1', 'v1', 'x1', 'x2', null);
  const step = fc.oneof(
    fc.record({ kind: fc.constant('purchase' as const), account, named }),
    fc.record({ kind: fc.constant('reads' as const), who: fc.subarray(WHO) }),
    fc.record({ kind: fc.constant('comesAndGoes' as const), who: fc.constantFrom(...WHO) }),
    fc.record({ kind: fc.constant('opens' as const), account: fc.constantFrom('d3', 'd4', 's2') }),
    fc.record({ kind: fc.constant('shows' as const), account: fc.constantFrom('d3', 'd4', 's2') }),
    fc.record({ kind: fc.constant('waits' as const), seconds: anyWait }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.boolean(), async (steps, lags) => {
      const world = new World();
      const crowd = CROWD.map((who) => world.client(who));
      const clients = WHO.map((who) => world.client(who));
      const away = new Set<string>();
      for (const client of [...crowd, ...clients]) client.listen();
      world.now += SECOND;
      const show = () => {
        world.hidden.clear();
        world.hiddenTransactions.clear();
      };
      const readers = () => clients.filter(({ who }) => !away.has(who));
      const open = (account: string) => {
        if (!['d3', 'd4', 's2'].includes(account)) return;
        const owned = world.accounts[account.slice(0, 1)];
        if (owned?.includes(account)) return;
        owned?.push(account);
        if (lags) for (const hidden of [world.hidden, world.hiddenTransactions]) hidden.add(account);
      };
      for (const one of steps) {
        if (one.kind === 'purchase') {
          open(one.account);
          const hint = one.named === 'true' ? one.account : one.named;
          world.event(one.account, hint);
        } else if (one.kind === 'reads') {
          for (const client of readers()) if (one.who.includes(client.who)) await client.read();
        } else if (one.kind === 'comesAndGoes') {
          const client = clients.find(({ who }) => who === one.who);
          if (away.delete(one.who)) client?.listen();
          else {
            away.add(one.who);
            client?.leave();
          }
        } else if (one.kind === 'opens') {
          open(one.account);
        } else if (one.kind === 'shows') {
          world.hidden.delete(one.account);
          world.hiddenTransactions.delete(one.account);
        } else {
          // No list lags for longer.
          if (one.seconds > LAG_SECONDS) show();
          world.now += one.seconds * SECOND;
          await world.news.look(new AbortController().signal);
          for (const client of crowd) await client.read();
        }
      }
      show();
      for (const client of clients) if (away.has(client.who)) client.listen();
      for (const client of [...crowd, ...clients]) await client.read();
      await world.pass(12 * MINUTE, () => Promise.all([...crowd, ...clients].map((client) => client.read())));
      const opened = (accountId: string) =>
        Object.values(world.accounts).some((ids) => ids.includes(accountId));
      for (const { who, told } of [...crowd, ...clients]) {
        const own = world.purchases.filter(
          ({ accountId }) =>
            world.accountsOf(who).includes(accountId) && (opened(accountId) || accountId === who),
        );
        expect({ who, told: told.toSorted() }).toEqual({ who, told: own.map(({ id }) => id).toSorted() });
        // Those of one account are in order, as far as what each names is true.
        for (const accountId of world.accountsOf(who)) {
          const named = own
            .filter((one) => one.accountId === accountId && one.hint === accountId)
            .map(({ id }) => id);
          expect(told.filter((id) => named.includes(id))).toEqual(named);
        }
      }
    }),
    { numRuns: 30 },
  );
}, 120_000);

test.each([
  [5, 'd1'],
  [20, 'd1'],
  [5, 'd3'],
  [14.9, 'd3'],
  [20, 'd3'],
])(
  'a login that is away for %s minutes gets what a crowd passed over meanwhile, once, on account %s',
  async (minutes, account) => {
    const world = new World();
    const crowd = CROWD.concat('sophea', 'visal').map((who) => world.client(who));
    const read = () => Promise.all(crowd.map((client) => client.read()));
    // One has listened before, the other has not.
    const clients = ['dara', 'daraToo'].map((who) => world.client(who));
    const [dara] = clients;
    for (const client of crowd) client.listen();
    dara?.listen();
    await dara?.read();
    dara?.leave();
    world.now += SECOND;
    // Dara opens an account in the meantime.
    if (account === 'd3') world.accounts['d']?.push(account);
    const { transactionId } = world.event(account);
    await read();
    await world.pass(Math.floor(minutes) * MINUTE, read);
    world.now += (minutes % 1) * MINUTE;
    for (const client of clients) client.listen();
    const readAll = () => Promise.all([...crowd, ...clients].map((client) => client.read()));
    await readAll();
    await world.pass(13 * MINUTE, readAll);
    expect(clients.map(({ told }) => told)).toEqual([[transactionId], [transactionId]]);
    expect(crowd.flatMap(({ told }) => told)).toEqual([]);
  },
);

test('once each has a list, an event costs one read for each login of its owner', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  expect(await world.getsIt(world.event('d1'), WHO)).toEqual(ofCardholder('d'));
  expect(await world.getsIt(world.event('s1'), WHO)).toEqual(['sophea']);
  expect(world.reads.toSorted()).toEqual(['dara', 'daraToo', 'sophea']);
  expect(world.lists.toSorted()).toEqual(WHO.toSorted());
  expect(world.looks).toEqual([]);
});

test('a minute of purchases of people who are not connected costs each of 100 listeners one call', async () => {
  const world = new World();
  const crowd = Array.from({ length: 100 }, (_, n) => world.client(`l${n}`));
  for (const client of crowd) client.listen();
  let own = 0;
  for (let second = 0; second < 60; second += 1) {
    for (let n = 0; n < 20; n += 1) world.event(`x${n < 10 ? n : second * 20 + n}`);
    world.event(`l${second}`);
    own += 1;
    world.now += SECOND;
    await world.news.look(new AbortController().signal);
    await Promise.all(crowd.map((client) => client.read()));
  }
  expect(crowd.flatMap(({ told }) => told)).toHaveLength(own);
  expect(world.reads).toHaveLength(own);
  expect(world.lists.length + world.looks.length).toBe(crowd.length);
}, 60_000);

test('accounts that were named before cost nothing, once ten minutes are over', async () => {
  const world = new World();
  const crowd = CROWD.concat(WHO).map((who) => world.client(who));
  for (const client of crowd) client.listen();
  const read = () => Promise.all(crowd.map((client) => client.read()));
  world.event('x1');
  await read();
  await world.pass(25 * MINUTE, read);
  for (const calls of [world.reads, world.lists, world.looks]) calls.length = 0;
  for (let n = 0; n < 20; n += 1) {
    world.event('x1');
    await read();
  }
  expect([...world.reads, ...world.lists, ...world.looks]).toEqual([]);
});

test('behind 1,000 events of others a client that resumes costs two lists, and no read', async () => {
  const world = new World();
  const clients = CROWD.concat(WHO).map((who) => world.client(who));
  for (let n = 0; n < 1_000; n += 1) world.event(`x${n % 50}`);
  world.now += MINUTE;
  world.event('v1');
  for (const client of clients) client.listen();
  await Promise.all(clients.map((client) => client.read()));
  expect(world.reads).toEqual(['visal']);
  expect(world.lists).toHaveLength(clients.length);
  expect(world.looks).toHaveLength(clients.length);
});

test.each(['at once', 'late'])(
  'what a process passed over before it died is delivered by the next one, where lists show the account %s',
  async (shown) => {
    const world = new World();
    const clients = CROWD.concat(WHO).map((who) => world.client(who));
    const read = () => Promise.all(clients.map((client) => client.read()));
    for (const client of clients) client.listen();
    const first = world.event('d1');
    await read();
    world.accounts['d']?.push('d3');
    if (shown === 'late') for (const hidden of [world.hidden, world.hiddenTransactions]) hidden.add('d3');
    const second = world.event('d3');
    const third = world.event('d2');
    await read();
    const own = clients.filter(({ who }) => ofCardholder('d').includes(who));
    const before = [first.transactionId, third.transactionId];
    expect(own.map(({ told }) => told)).toEqual([before, before]);
    world.restart();
    world.now += 10 * SECOND;
    for (const client of clients) client.listen();
    world.event('v1');
    await read();
    world.hidden.clear();
    world.hiddenTransactions.clear();
    const fourth = shown === 'late' ? [world.event('d3').transactionId] : [];
    await read();
    await world.pass(2 * MINUTE, read);
    const all = [...before, second.transactionId, ...fourth];
    for (const { told } of own) expect(told.toSorted()).toEqual(all.toSorted());
  },
);

test('while the owner of the account that is named cannot be asked, the others read for themselves', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  await world.getsIt(world.event('s1'), WHO);
  world.down.add('sophea');
  expect(await world.getsIt(world.event('d1', 's1'), ['visal', 'dara'])).toEqual(['dara']);
});

test('a login that no longer listens is asked nothing', async () => {
  const world = new World();
  const leave = world.news.listen(world.call('dara'));
  world.news.listen(world.call('sophea'));
  await world.getsIt(world.event('d1'), ['dara', 'sophea']);
  leave();
  world.reads.length = 0;
  expect(await world.getsIt(world.event('d1'), ['sophea'])).toEqual([]);
  expect(world.reads).toEqual(['sophea']);
});
