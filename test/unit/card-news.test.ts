import fc from 'fast-check';
import { expect, test } from 'vitest';
import { upstreamUnavailable } from '../../src/domain/errors.ts';
import type { BongloyEvent } from '../../src/events/log.ts';
import { CardNews } from '../../src/loaders/card-news.ts';
import { Share } from '../../src/loaders/share.ts';
import type { BongloyClient } from '../../src/providers/bongloy/client.ts';
import type { ProviderCall } from '../../src/providers/provider.ts';

/** Logins, by cardholder: two of them are Dara's. */
const CARDHOLDER = { dara: 'd', daraToo: 'd', sophea: 's', visal: 'v' } as const;
type Who = keyof typeof CARDHOLDER;
const WHO = Object.keys(CARDHOLDER) as Who[];

/** Bongloy, and a process that hears of events from it. */
class World {
  now = 1_000_000;
  /** By cardholder. */
  readonly accounts: Record<string, string[]> = { d: ['d1', 'd2'], s: ['s1'], v: ['v1'] };
  readonly accountOf = new Map<string, string>();
  readonly looks: Who[] = [];
  readonly reads: Who[] = [];
  readonly down = new Set<Who>();
  readonly news: CardNews;
  #position = 0;

  constructor() {
    const who = (call: ProviderCall) => call.credential.id as Who;
    const client = {
      accounts: async (call: ProviderCall) => {
        this.looks.push(who(call));
        const cardholderId = CARDHOLDER[who(call)];
        const rows = (this.accounts[cardholderId] ?? []).map((id) => ({ id, cardholderId }));
        return { rows, hasOlder: false, hasNewer: false };
      },
      transaction: async (call: ProviderCall, id: string) => {
        this.reads.push(who(call));
        if (this.down.has(who(call))) throw upstreamUnavailable('BONGLOY');
        const accountId = this.accountOf.get(id) ?? '';
        return this.accounts[CARDHOLDER[who(call)]]?.includes(accountId) ? { id, accountId } : null;
      },
    } as unknown as BongloyClient;
    const clock = { now: () => this.now };
    this.news = new CardNews(client, new Share(clock), clock);
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

  event(accountId: string, accountIdHint: string | null = accountId): BongloyEvent {
    this.#position += 1;
    const transactionId = `t${this.#position}`;
    this.accountOf.set(transactionId, accountId);
    return {
      provider: 'BONGLOY',
      position: this.#position,
      key: transactionId,
      type: 'transaction.created',
      source: 'WEBHOOK',
      receivedAt: this.now,
      transactionId,
      accountIdHint,
    };
  }

  /** What `visibleEvent` does: which of them get the event. */
  async getsIt(event: BongloyEvent, askers: readonly Who[]): Promise<Who[]> {
    const looks = askers.map(async (who) => {
      const call = this.call(who);
      return !(await this.news.isAnothers(call, event)) && (await this.news.read(call, event)) !== null;
    });
    const got = await Promise.all(looks);
    return askers.filter((_who, index) => got[index]);
  }
}

const ofCardholder = (cardholder: string, askers: readonly Who[] = WHO): Who[] =>
  askers.filter((who) => CARDHOLDER[who] === cardholder);

test('an event reaches the logins of its owner, and no other, whichever account it names, and whoever listens', async () => {
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
        world.now += 20_000;
        const event = world.event(accountId, hint === 'true' ? accountId : hint);
        const owner = Object.keys(world.accounts).find((id) => world.accounts[id]?.includes(accountId)) ?? '';
        expect(await world.getsIt(event, askers)).toEqual(ofCardholder(owner, askers));
        if (opens && !world.accounts['d']?.includes('d3')) world.accounts['d']?.push('d3');
      }
    }),
    { numRuns: 40 },
  );
});

test('once each has a list, an event costs one read for each login of its owner', async () => {
  const world = new World();
  for (const who of WHO) world.news.listen(world.call(who));
  expect(await world.getsIt(world.event('d1'), WHO)).toEqual(ofCardholder('d'));
  expect(await world.getsIt(world.event('s1'), WHO)).toEqual(['sophea']);
  expect(world.reads.toSorted()).toEqual(['dara', 'daraToo', 'sophea']);
  expect(world.looks.toSorted()).toEqual(WHO.toSorted());
});

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
