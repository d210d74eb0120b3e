import type { Provider } from '../../domain/provider.ts';
import { encodeEventPlace, type Place } from '../../events/cursor.ts';
import { type EventFilter, type LogEvent, lateKeyOf } from '../../events/log.ts';
import { inSpan } from '../../lib/span.ts';
import type { Context, EventSelection } from '../context.ts';
import { delivery } from './delivery.ts';
import { hold } from './hold.ts';
import type { VisibleEvent } from './visible.ts';

/** Card events of one cardholder that a late one may lie behind. */
const MOST_LATE_KEYS = 100;

/** How far a stream has come with each of its providers, and which of them it has lost. */
export class StreamRun {
  readonly #selection: EventSelection;
  readonly #services: Context['services'];
  readonly #place: Record<Provider, number>;
  readonly #since = Date.now();
  /** Under which keys the newest card events would come again. */
  readonly #lateKeys = new Set<string>();
  /** Those of which it tells. */
  providers: readonly Provider[];

  constructor(selection: EventSelection, place: Place, { services }: Context) {
    this.#selection = selection;
    this.#services = services;
    this.#place = { ...place };
    this.providers = selection.providers;
  }

  get selection(): EventSelection {
    const { providers } = this;
    return { ...this.#selection, providers, log: this.filter, lost: this.#lost };
  }

  get filter(): EventFilter {
    return this.filterOf(this.providers);
  }

  filterOf(providers: readonly Provider[]): EventFilter {
    return { ...this.#selection.log, providers };
  }

  /** Everything up to here was told. */
  get lowest(): number {
    return this.lowestOf(this.providers);
  }

  lowestOf(providers: readonly Provider[]): number {
    return Math.min(...providers.map((provider) => this.#place[provider]));
  }

  /** Nothing behind this was told. */
  get furthest(): number {
    return Math.max(...this.providers.map((provider) => this.#place[provider]));
  }

  /** Told already, or of a provider that is lost. */
  isPast({ position, provider }: LogEvent): boolean {
    return position <= this.#place[provider] || !this.providers.includes(provider);
  }

  canDoWithout(provider: Provider): boolean {
    return this.providers.length > 1 && this.providers.includes(provider);
  }

  /** Everything up to `position` was told of these providers. */
  reach(position: number, providers: readonly Provider[]): void {
    for (const provider of providers) this.#place[provider] = Math.max(this.#place[provider], position);
  }

  /** No event of the provider is delivered from now on. */
  lose(lost: Provider): void {
    this.providers = this.providers.filter((provider) => provider !== lost);
  }

  /** The event as the client may see it, null where it may not or did not ask for it. @throws what `hold` throws. */
  async held(
    event: LogEvent,
    look: () => Promise<VisibleEvent | null>,
    ms: number,
    signal: AbortSignal,
  ): Promise<VisibleEvent | null> {
    // Told in its place by this stream, as this process knew the account already.
    if (event.source === 'LATE' && this.#lateKeys.has(event.key)) return null;
    const span = delivery(event, event.receivedAt >= this.#since);
    const visible = await inSpan(span, () => hold(look, ms, signal));
    return visible && this.#selection.tells(visible) ? visible : null;
  }

  /** The event as it is delivered now. @param lagging the provider that is down. */
  told(visible: VisibleEvent, lagging: readonly Provider[] = []): VisibleEvent {
    const { event } = visible;
    if (event.provider === 'BONGLOY') this.#lateKeys.add(lateKeyOf(event.key));
    if (this.#lateKeys.size > MOST_LATE_KEYS)
      this.#lateKeys.delete(this.#lateKeys.values().next().value ?? '');
    if (event.receivedAt >= this.#since) this.#services.deliveredLive(event);
    const unavailableProviders = [...this.#lost, ...lagging];
    const isWhole = unavailableProviders.length === 0 && this.lowest === this.furthest;
    if (isWhole) return visible;
    return { ...visible, cursor: encodeEventPlace(this.#services.log, this.#told), unavailableProviders };
  }

  get #lost(): readonly Provider[] {
    const all = [...(this.#selection.lost ?? []), ...this.#selection.providers];
    return all.filter((provider) => !this.providers.includes(provider));
  }

  /** A cursor says of the providers that are not in the stream that they came as far as all others. */
  get #told(): Place {
    const of = (provider: Provider): number =>
      this.providers.includes(provider) ? this.#place[provider] : this.lowest;
    return { BONGLOY: of('BONGLOY'), CASSO: of('CASSO') };
  }
}
