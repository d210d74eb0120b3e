import type { Clock } from '../../lib/clock.ts';
import { HOUR } from '../../lib/duration.ts';
import type { ListPage, Slice } from './page.ts';

/** So that a provider that changes its ways is found out. */
const GOOD_FOR = HOUR;

/**
 * Whether the `next` link of a full page can be believed. What is documented leaves two ways open (docs/providers/bongloy.md §4):
 * the link is there exactly when an older row is (5), or on every full page (5'). A full page without the link is possible
 * under the first alone, so one such page proves it, for all lists and credentials: this is a fact about the provider.
 * A page that is shorter than asked for proves nothing, as the provider may cut pages.
 */
export class LinkProof {
  readonly #clock: Clock;
  #until = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Looks at a page that came. Backward pages have the link in either case. An empty page behind a cursor says that a link was
   * wrong, or that the cursor's row is gone: then links have to prove themselves again.
   */
  see({ size, before, after }: ListPage, { rows, hasOlder }: Slice<unknown>): void {
    if (before !== undefined) return;
    if (after !== undefined && rows.length === 0) this.#until = Number.NEGATIVE_INFINITY;
    if (rows.length === size && !hasOlder) this.#until = this.#clock.now() + GOOD_FOR;
  }

  holds(): boolean {
    return this.#clock.now() < this.#until;
  }
}
