import type { Provider } from '../domain/provider.ts';
import { type RowOutcome, UnreadableRow } from '../domain/unreadable-row.ts';
import { UpstreamFailure } from '../upstream/errors.ts';
import { type OnOdd, WrongMember } from './read.ts';

/** Something that a provider sent and that is not what it documents. Constants of ours alone: nothing of what was sent. */
export interface Oddity {
  readonly provider: Provider;
  /** What it is about: `transaction`, `bank_account`. */
  readonly kind: string;
  /** The provider's name for what is wrong; `row` when the row is no object. */
  readonly member: string;
  /** The row that cannot be read, or the member of it that becomes null. */
  readonly lost: 'row' | 'member';
}

export type OnOddity = (oddity: Oddity) => void;

/** Makes one row of what was parsed. @throws WrongMember when the row cannot be read. */
export type ToRow<T> = (raw: unknown, odd: OnOdd) => T;

export interface RowReader {
  /** Reads a row among others, which fails alone. */
  row<T>(kind: string, toRow: ToRow<T>): (raw: unknown) => RowOutcome<T>;
  /** Reads what a document is about. @throws WrongMember when it cannot be read. */
  only<T>(kind: string, toRow: ToRow<T>): (raw: unknown) => T;
}

/**
 * How one provider's rows are read: the same in lists, single answers and webhooks.
 * @param idOf the row's id, where that much can be read.
 */
export function createRowReader(
  provider: Provider,
  idOf: (raw: unknown) => string | null,
  onOddity: OnOddity = () => {},
): RowReader {
  function only<T>(kind: string, toRow: ToRow<T>) {
    const oddMember = (member: string) => onOddity({ provider, kind, member, lost: 'member' });
    return (raw: unknown): T => {
      try {
        return toRow(raw, oddMember);
      } catch (error) {
        if (error instanceof UpstreamFailure)
          onOddity({ provider, kind, member: memberOf(error), lost: 'row' });
        throw error;
      }
    };
  }

  return {
    only,
    row(kind, toRow) {
      const read = only(kind, toRow);
      return (raw) => {
        try {
          return read(raw);
        } catch (error) {
          if (!(error instanceof UpstreamFailure)) throw error;
          return new UnreadableRow(idOf(raw), memberOf(error), raw);
        }
      };
    },
  };
}

const memberOf = (failure: UpstreamFailure): string =>
  failure instanceof WrongMember ? failure.member : 'row';
