import type { Json } from './json.ts';

/** One result of a subscription, as either transport brings it. */
export interface Result<Data = Record<string, Json>> {
  readonly data?: Data | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions?: Readonly<Record<string, unknown>>;
  }[];
}

/** Why no more results come: the server said so, refused the operation, or the connection went. */
export type End =
  | { readonly kind: 'complete' }
  | { readonly kind: 'error'; readonly errors: NonNullable<Result['errors']> }
  | { readonly kind: 'cut'; readonly code?: number };

/** What a subscription brought, in order; none is missed, however late it is asked for. */
export class Feed {
  readonly results: Result[] = [];
  /** Resolves when no more results come. */
  readonly ended: Promise<End>;
  #end: End | null = null;
  #setEnded: (end: End) => void = () => {};
  #taken = 0;
  #waiting: (() => void)[] = [];

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#setEnded = resolve;
    });
  }

  push(result: Result): void {
    this.results.push(result);
    this.wake();
  }

  end(end: End): void {
    if (this.#end) return;
    this.#end = end;
    this.#setEnded(end);
    this.wake();
  }

  /** The next result that was not taken yet. @throws Error when the feed ends before. */
  async next(): Promise<Result> {
    await this.until(() => this.results.length > this.#taken);
    const result = this.results[this.#taken];
    if (!result) throw new Error('there is no such result');
    this.#taken += 1;
    return result;
  }

  /** The next result's only field. @throws Error when it carries errors. */
  async event(): Promise<Json> {
    const { data, errors } = await this.next();
    if (errors) throw new Error(`a result failed: ${JSON.stringify(errors)}`);
    return Object.values(data ?? {})[0];
  }

  async events(count: number): Promise<Json[]> {
    const events: unknown[] = [];
    while (events.length < count) events.push(await this.event());
    return events;
  }

  /** Resolves when `condition` holds, asked after whatever comes. @throws Error when the feed ends before. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.#end) throw new Error(`the subscription ended: ${JSON.stringify(this.#end)}`);
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  /** Lets all that wait look again. */
  protected wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
