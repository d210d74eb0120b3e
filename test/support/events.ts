import { randomUUID } from 'node:crypto';
import type { BankTransaction } from '../../src/domain/bank-transaction.ts';
import { money } from '../../src/domain/money.ts';
import type {
  BankEvent,
  BongloyEvent,
  EventFilter,
  EventLog,
  LogEvent,
  NewEvent,
} from '../../src/events/log.ts';

export const NOW = Date.UTC(2026, 0, 1);

let lastId = 0;

export function bankTransaction(changes: Partial<BankTransaction> = {}): BankTransaction {
  lastId += 1;
  return {
    provider: 'CASSO',
    id: String(lastId),
    reference: 'FT21000000000001',
    amount: money('CASSO', 250_000, 'VND'),
    direction: 'CREDIT',
    runningBalance: money('CASSO', 3_750_000, 'VND'),
    occurredAt: new Date(NOW - 1_000),
    description: 'CHUYỂN TIỀN',
    counterparty: null,
    virtualAccount: { number: '999', name: null },
    bankAccountId: null,
    bankAccountNumber: '0123456789',
    bank: null,
    ...changes,
  };
}

/** What narrows to an account of that number, at a bank that Casso calls by that code. */
export const onAccount = (accountNumber: string, code: string | null = null) => ({
  bankAccount: { id: `9${accountNumber}`, accountNumber, bank: { code, name: null, bin: null } },
});

type NewBankEvent = Omit<BankEvent, 'position'>;
type NewBongloyEvent = Omit<BongloyEvent, 'position'>;

export function bankEvent(changes: Partial<BankTransaction> = {}, receivedAt = NOW): NewBankEvent {
  const transaction = bankTransaction(changes);
  return {
    provider: 'CASSO',
    key: transaction.id,
    type: 'bank_transaction.created',
    source: 'WEBHOOK',
    receivedAt,
    transaction,
  };
}

export const bongloyEvent = (changes: Partial<NewBongloyEvent> = {}): NewBongloyEvent => ({
  provider: 'BONGLOY',
  key: randomUUID(),
  type: 'transaction.created',
  source: 'WEBHOOK',
  receivedAt: NOW,
  transactionId: randomUUID(),
  accountIdHint: null,
  ...changes,
});

export const bankEvents = (count: number): NewBankEvent[] => Array.from({ length: count }, () => bankEvent());

/** Appends them at once, each by itself. */
export async function appendEach(log: EventLog, events: readonly NewEvent[]): Promise<number[]> {
  const results = await Promise.all(events.map((event) => log.append([event])));
  return results.flat().map(({ position }) => position);
}

export const keysOf = (events: readonly { readonly key: string }[]): string[] => events.map(({ key }) => key);

/** All events after `after`, read page by page until the end. */
export async function readAll(
  log: EventLog,
  after: number,
  filter?: EventFilter,
  limit = 100,
): Promise<LogEvent[]> {
  const all: LogEvent[] = [];
  for (let position = after; ; ) {
    const page = await log.read(position, limit, filter);
    all.push(...page.events);
    if (page.atEnd) return all;
    if (page.position <= position) throw new Error('a page that is not the last did not advance');
    position = page.position;
  }
}

/** A follower that takes pages only when told to, and remembers what it was given. */
export function startFollower(log: EventLog, after: number, filter?: EventFilter) {
  const controller = new AbortController();
  const pages = log.follow(after, filter, controller.signal);
  const seen: LogEvent[] = [];
  let taking: Promise<boolean> | null = null;
  const takePage = async (): Promise<boolean> => {
    try {
      const result = await pages.next();
      if (!result.done) seen.push(...result.value.events);
      return !result.done;
    } finally {
      taking = null;
    }
  };
  const take = (): Promise<boolean> => {
    taking ??= takePage();
    return taking;
  };
  return {
    signal: controller.signal,
    seen,
    /** Waits for one more page, or for the one that is waited for already; false when there will be none. */
    take,
    /** Takes pages until this many events were seen. */
    async takeUntil(count: number): Promise<LogEvent[]> {
      while (seen.length < count && (await take()));
      return seen;
    },
    abort: () => controller.abort(),
    leave: async () => (await pages.return?.())?.done,
  };
}
