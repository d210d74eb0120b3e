import type { BankTransaction } from '../domain/bank-transaction.ts';
import { type ForwardArguments, pageRequest } from '../domain/connection.ts';
import type { GatewayError } from '../domain/errors.ts';
import { type MergedConnection, mergeNewestFirst, type Source } from '../domain/merge.ts';
import { PROVIDERS, type Provider } from '../domain/provider.ts';
import type { Transaction } from '../domain/transaction.ts';
import type { BongloyLoaders } from './bongloy.ts';
import type { CassoLoaders } from './casso.ts';

/** The loaders of a provider, or why the viewer has none. */
export type Available<L> = L | GatewayError;

/**
 * The memory of one operation, for one viewer. A viewer without a credential of a provider has no loaders of it, so
 * nothing can be fetched that the viewer could not fetch alone.
 */
export class Loaders {
  readonly #bongloy: Available<BongloyLoaders>;
  readonly #casso: Available<CassoLoaders>;
  /** The providers whose fields will answer. */
  readonly linkedProviders: readonly Provider[];

  constructor(bongloy: Available<BongloyLoaders>, casso: Available<CassoLoaders>) {
    this.#bongloy = bongloy;
    this.#casso = casso;
    const has = { BONGLOY: !(bongloy instanceof Error), CASSO: !(casso instanceof Error) };
    this.linkedProviders = PROVIDERS.filter((provider) => has[provider]);
  }

  /** @throws GatewayError UNAUTHENTICATED with `provider`, or that the provider is not configured. */
  bongloy(): BongloyLoaders {
    if (this.#bongloy instanceof Error) throw this.#bongloy;
    return this.#bongloy;
  }

  /** @throws GatewayError UNAUTHENTICATED with `provider`, or that the provider is not configured. */
  casso(): CassoLoaders {
    if (this.#casso instanceof Error) throw this.#casso;
    return this.#casso;
  }

  /** @throws GatewayError when there is no provider at all: why the first of them has none. */
  requireAny(): void {
    if (this.linkedProviders.length === 0) this.bongloy();
  }

  /**
   * What moved at every linked provider, newest first; a provider that fails leaves the others.
   * @throws GatewayError BAD_USER_INPUT naming the argument.
   */
  async activity(args: ForwardArguments): Promise<MergedConnection<Provider, Movement>> {
    const { first, after } = pageRequest(args);
    const sources: Source<Provider, Movement>[] = [];
    const bongloy = this.#bongloy;
    if (!(bongloy instanceof Error)) {
      sources.push({
        name: 'BONGLOY',
        page: (n, from) => bongloy.transactions({}, { first: n, after: from }),
      });
    }
    const casso = this.#casso;
    if (!(casso instanceof Error)) {
      sources.push({
        name: 'CASSO',
        page: (n, from) => casso.bankTransactions({}, { first: n, after: from }),
      });
    }
    return mergeNewestFirst(sources, first, after, (movement) => new Date(movement.occurredAt));
  }
}

type Movement = Transaction | BankTransaction;
