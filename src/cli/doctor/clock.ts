import type { Clock } from '../../lib/clock.ts';
import { SECOND } from '../../lib/duration.ts';
import type { Upstream } from '../../upstream/upstream.ts';
import { type Finding, fail, ok, skip, warn } from './finding.ts';

/** Compares our clock with those of the servers that answer us. */
export interface ClockWatch {
  /** The same upstream, looked over its shoulder. */
  watch(upstream: Upstream): Upstream;
  finding(): Finding;
}

const ABOUT = 'clock';
/** Operator tokens, and what Bongloy signs, may be this far off. */
const NOTICEABLE = 5 * SECOND;
const HARMFUL = 30 * SECOND;
const CURE = 'Let the machine follow a time server: timedatectl set-ntp true';

export function createClockWatch(clock: Clock): ClockWatch {
  /** Milliseconds that our clock is ahead, one for each answer. */
  const ahead: number[] = [];

  return {
    watch: (upstream) => ({
      async request(request) {
        const sentAt = clock.now();
        const response = await upstream.request(request);
        const theirs = Date.parse(response.headers['date'] ?? '');
        // Their header has whole seconds, and was written in the middle of the exchange.
        if (!Number.isNaN(theirs)) ahead.push((sentAt + clock.now()) / 2 - (theirs + SECOND / 2));
        return response;
      },
      close: () => upstream.close(),
    }),

    finding() {
      const least = ahead.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0];
      if (least === undefined) return skip(ABOUT, 'nobody answered whose clock ours could be compared with');
      const seconds = Math.round(Math.abs(least) / SECOND);
      const says = `this machine is ${seconds} s ${least > 0 ? 'ahead' : 'behind'}`;
      if (Math.abs(least) >= HARMFUL) return fail(ABOUT, `${says}: tokens will be refused`, CURE);
      return Math.abs(least) >= NOTICEABLE
        ? warn(ABOUT, says, CURE)
        : ok(ABOUT, 'agrees with the providers’');
    },
  };
}
