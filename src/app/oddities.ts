import type { Clock } from '../lib/clock.ts';
import { MINUTE } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { OnOddity } from '../providers/row-reader.ts';

/** A list is read again and again: one line a minute for each thing that is odd in it. */
const WARN_EVERY = MINUTE;

/** Counts what providers send and cannot be read, and warns of it. */
export function reportOddities(count: OnOddity, logger: Logger, clock: Clock): OnOddity {
  /** When the last warning of each was. Kinds and members are constants of ours, so there are few keys. */
  const warned = new Map<string, number>();
  return (oddity) => {
    count(oddity);
    const { provider, kind, member, lost } = oddity;
    const reason = `${kind}.${member}`;
    const key = `${provider} ${reason} ${lost}`;
    if (clock.now() - (warned.get(key) ?? -Infinity) < WARN_EVERY) return;
    warned.set(key, clock.now());
    logger.warn(
      { provider, reason },
      lost === 'row'
        ? 'a row cannot be read, and is left out: docs/providers.md tells what the provider should send'
        : 'a part of a row cannot be read, and is shown as null: docs/providers.md tells what the provider should send',
    );
  };
}
