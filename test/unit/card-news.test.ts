import fc from 'fast-check';
import { expect, test } from 'vitest';
import { upstreamUnavailable } from '../../src/domain/errors.ts';
import type { BongloyEvent, LogEvent } from '../../src/events/log.ts';
import { CardNews } from '../../src/loaders/card-news.ts';
import { Share } from '../../src/loaders/share.ts';
import type { BongloyClient } from '../../src/providers/bongloy/client.ts';
import type { ProviderCall } from '../../src/providers/provider.ts';

const WHO = ['dara', 'sophea', 'visal'] as const;
type Who = (typeof WHO)[number];
const MINUTE = 60_000;

/** Bongloy, and a process that hears of events from it. */
class World {
  now = 1_000_000;
  readonly accounts: Record<Who, string[]> = { dara: ['d1', 'd2'], sophea: ['s1'], visal: [] };
  /** Whose list does not show accounts yet that are in `accounts`. */
  readonly hidden = new Set<string>();
  readonly ownerOf = new Map<string, { readonly who: Who; readonly accountId: string }>();
  readonly looks: Who[] = [];
  readonly reads: Who[] = [];
  readonly down = new Set<Who>();
  readonly news: CardNews;
  #watcher: (event: LogEvent) => void = () => {};
  #position = 0;

  constructor() {
    const who = (call: ProviderCall) => call.credential.id as Who;
    const client = {
      accounts: async (call: ProviderCall) => {
        this.looks.push(who(call));
        const shown = this.accounts[who(call)].filter((id) => !this.hidden.has(id));
        const rows = shown.map((id) => ({ id, cardholderId: who(call) }));
        return { rows, hasOlder: false, hasNewer: false };
      },
      transaction: async (call: ProviderCall, id: string) => {
        this.reads.push(who(call));
        if (this.down.has(who(call))) throw upstreamUnavailable('BONGLOY');
        const owner = this.ownerOf.get(id);
        return owner?.who === who(call) ? { id, accountId: owner.accountId } : null;
      },
    } as unknown as BongloyClient;
    const clock = { now: () => this.now };
    const log = {
      watch: (watcher: (event: LogEvent) => void) => {
        this.#watcher = watcher;
        return () => {};
      },
    };
    this.news = new CardNews({ client, share: new Share(clock), clock, log, lookEvery: 0 });
  }

  call(who: Who): ProviderCall {
    const credential = {
      provider: 'BONGLOY' as const,
      id: who,
      authorization: async () => '',
      renew: async () => null,
    };
    return { credential, signal: new AbortController().signal };
  }

  /** @param isHeard false: an event of before this process. */
  event(accountId: string, owner: Who | null, accountIdHint: string | null, isHeard = true): BongloyEvent {
    this.#position += 1;
    const transactionId = `t${this.#position}`;
    if (owner) this.ownerOf.set(transactionId, { who: owner, accountId });
    const event: BongloyEvent = {
      provider: 'BONGLOY',
      position: this.#position,
      key: transactionId,
      type: 'transaction.created',
      source: 'WEBHOOK',
      receivedAt: isHeard ? this.now : this.now - MINUTE,
      transactionId,
      accountIdHint,
    };
    if (isHeard) this.#watcher(event);
    return event;
  }

  /** What `visibleEvent` does: who is told of the event. */
  async told(event: BongloyEvent, askers: readonly Who[]): Promise<Who[]> {
    const looks = askers.map(async (who) => {
      const call = this.call(who);
      return !(await this.news.isAnothers(call, event)) && (await this.news.read(call, event)) !== null;
    });
    const told = await Promise.all(looks);
    return askers.filter((_who, index) => told[index]);
  }
}

test('an event is told to its owner alone, whichever account of a listener it names, or none', async () => {
  const purchase = fc.constantFrom(
    { owner: 'dara' as const, accountId: 'd1' },
    { owner: 'dara' as const, accountId: 'd2' },
    { owner: 'sophea' as const, accountId: 's1' },
    { owner: null, accountId: 'x1' },
  );
  const named = fc.constantFrom('d1', 'd2', 's1', null, 'true');
  const order = fc.shuffledSubarray([...WHO], { minLength: 3 });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(purchase, named, order), { maxLength: 8 }), async (purchases) => {
      const world = new World();
      for (const who of WHO) world.news.listen(world.call(who));
      for (const [{ owner, accountId }, hint, askers] of purchases) {
        world.now += 5;
        const event = world.event(accountId, owner, hint === 'true' ? accountId : hint);
        expect(await world.told(event, askers)).toEqual(owner ? [owner] : []);
      }
      // Once each has a list: the true hints cost one read.
      world.reads.length = 0;
      world.looks.length = 0;
      expect(await world.told(world.event('d1', 'dara', 'd1'), WHO)).toEqual(['dara']);
      expect(world.reads).toEqual(['dara']);
      expect(world.looks.length).toBeLessThanOrEqual(WHO.length);
    }),
    { numRuns: 40 },
  );
});

test('a purchase of an account that no listener has costs a look each, and nothing from then on', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  expect(await world.told(world.event('x1', null, 'x1'), WHO)).toEqual([]);
  expect(world.looks.toSorted()).toEqual([...WHO]);
  for (let n = 0; n < 20; n += 1) {
    world.now += 2 * MINUTE;
    await world.told(world.event('x1', null, 'x1'), WHO);
  }
  expect(world.reads).toEqual([]);
  // For ten minutes the list may lag behind, and is looked at with such a purchase, once in a minute.
  expect(world.looks).toHaveLength(3 * 6);
});

test('an account that its owner’s list shows late is heard of from then on, for ten minutes', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  world.accounts.visal.push('v1');
  world.hidden.add('v1');
  expect(await world.told(world.event('v1', 'visal', 'v1'), WHO)).toEqual([]);
  world.hidden.clear();
  world.now += 2 * MINUTE;
  expect(await world.told(world.event('v1', 'visal', 'v1'), WHO)).toEqual(['visal']);
});

test('an account that was opened since the last look is looked for before its first event is passed over', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  await world.told(world.event('x1', null, 'x1'), WHO);
  world.now += 5;
  world.accounts.sophea.push('s2');
  world.now += 5;
  expect(await world.told(world.event('s2', 'sophea', 's2'), WHO)).toEqual(['sophea']);
});

test('while the one whose account is named cannot be asked, the others ask for themselves', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  await world.told(world.event('x1', null, 'x1'), WHO);
  world.down.add('sophea');
  const event = world.event('d1', 'dara', 's1');
  expect(await world.told(event, ['dara', 'visal'])).toEqual(['dara']);
});

test('one that has left is asked nothing', async () => {
  const world = new World();
  const leave = world.news.listen(world.call('dara'));
  world.news.listen(world.call('sophea'));
  await world.told(world.event('d1', 'dara', 'd1'), ['dara', 'sophea']);
  leave();
  world.reads.length = 0;
  world.looks.length = 0;
  expect(await world.told(world.event('d1', 'dara', 'd1'), ['sophea'])).toEqual([]);
  expect(world.reads).toEqual([]);
  expect(world.looks).toEqual([]);
});

test('what came before this process is skipped without a call by those whose list is younger and lacks the account', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  const events = ['d1', 'x1', 'x2', 's1'].map((id) =>
    world.event(id, id === 'd1' ? 'dara' : id === 's1' ? 'sophea' : null, id, false),
  );
  const told: Who[][] = [];
  for (const event of events) told.push(await world.told(event, WHO));
  expect(told).toEqual([['dara'], [], [], ['sophea']]);
  expect(world.reads).toEqual(['dara', 'sophea']);
  expect(world.looks.toSorted()).toEqual([...WHO]);
});
