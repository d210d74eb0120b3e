import type { Business, Movement, Spelling, StoredTransaction } from './business.ts';

/** How rows are written today. */
const TODAY: Spelling = { snake: false, old: false };

/** Numbers that Casso gives out, rising. */
function sequence(first: number): () => number {
  let next = first - 1;
  return () => {
    next += 1;
    return next;
  };
}

/** Everything the simulated provider knows, in memory. */
export class SandboxState {
  readonly businesses: ReadonlyMap<string, Business>;
  readonly nextTransactionId = sequence(1_000_001);
  readonly nextAccountId = sequence(2401);
  readonly nextWebhookId = sequence(3001);
  readonly nextReference = sequence(1);

  constructor(businesses: readonly Business[]) {
    this.businesses = new Map(businesses.map((business) => [business.profile.name, business]));
  }

  byApiKey(key: string): Business | undefined {
    return [...this.businesses.values()].find(
      ({ profile, keyRevoked }) => profile.apiKey === key && !keyRevoked,
    );
  }

  /** A new row at its place, with Casso's next id. */
  record(
    business: Business,
    accountId: number,
    movement: Movement,
    spelling: Spelling = TODAY,
  ): StoredTransaction {
    return business.record(this.nextTransactionId(), accountId, movement, spelling);
  }

  /** Casso asks the bank: what it has for the account become rows. Their ids are as young as this moment. */
  pull(business: Business, accountId: number): readonly StoredTransaction[] {
    return business.takeHeld(accountId).map((movement) => this.record(business, accountId, movement));
  }
}
