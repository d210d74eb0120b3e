import { z } from 'zod';
import type { WireTransaction } from '../wire.ts';
import type { ErrorObject } from './message.ts';

type Keep = (transaction: WireTransaction) => boolean;
type Filters = ReadonlyMap<string, string>;

const dateTime = z.iso.datetime({ offset: true });
const SECOND = 1_000;

/**
 * The `filter[...]` of the transaction list (§2), combined with AND. Unknown keys are ignored, an unknown enum value,
 * an empty value and half a date range are refused, an unknown account or card matches nothing.
 */
export function transactionFilter(filters: Filters): { keep: Keep } | { errors: readonly ErrorObject[] } {
  const tests: Keep[] = [];
  const invalid = new Set<string>();

  const account = filters.get('account');
  if (account !== undefined) tests.push((row) => row.relationships.account.data?.id === account);
  const card = filters.get('card');
  if (card !== undefined) tests.push((row) => row.relationships.card.data?.id === card);
  for (const name of ['account', 'card', 'status', 'balance_adjustment_type']) {
    if (filters.get(name)?.trim() === '') invalid.add(name);
  }

  oneOf('status', ['settled', 'pending']);
  oneOf('balance_adjustment_type', ['credit', 'debit']);
  dateRange();

  if (invalid.size > 0) return { errors: [...invalid].map(isInvalid) };
  return { keep: (row) => tests.every((test) => test(row)) };

  function oneOf(name: 'status' | 'balance_adjustment_type', values: readonly string[]): void {
    const value = filters.get(name);
    if (value === undefined) return;
    if (values.includes(value)) tests.push((row) => row.attributes[name] === value);
    else invalid.add(name);
  }

  function dateRange(): void {
    const [from, to] = [filters.get('from_date'), filters.get('to_date')];
    if (from === undefined && to === undefined) return;
    for (const [name, value] of Object.entries({ from_date: from, to_date: to })) {
      if (!dateTime.safeParse(value).success) invalid.add(name);
    }
    const first = Date.parse(from ?? '');
    // The upper bound reaches to the end of its second.
    const end = Math.floor(Date.parse(to ?? '') / SECOND) * SECOND + SECOND;
    if (end <= first) invalid.add('to_date');
    tests.push((row) => {
      const time = Date.parse(row.attributes.transaction_time);
      return time >= first && time < end;
    });
  }
}

function isInvalid(name: string): ErrorObject {
  return { title: 'is invalid', source: { pointer: `/filter/${name}` } };
}
