import type { Clock } from '../../../lib/clock.ts';
import type { SandboxRequest } from './message.ts';

/** The older ones are forgotten, so that a long benchmark does not fill the memory. */
const KEPT = 10_000;

/** A request to the provider's own routes. */
export interface RecordedRequest {
  readonly method: string;
  /** With the query, decoded. */
  readonly path: string;
  /** Null until it is answered, and for ever if it never is. */
  readonly status: number | null;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
}

type OpenRecord = { -readonly [Name in keyof RecordedRequest]: RecordedRequest[Name] };

/** Remembers requests in the order they came, and tells `line` of each when it is over. */
export class RequestLog {
  readonly records: OpenRecord[] = [];
  /** The forgotten ones included. */
  total = 0;
  readonly #clock: Clock;
  readonly #line: (line: string) => void;

  constructor(clock: Clock, line: (line: string) => void) {
    this.#clock = clock;
    this.#line = line;
  }

  open({ method, path, query }: SandboxRequest): OpenRecord {
    const params = [...query].map(([key, value]) => `${key}=${value}`).join('&');
    const decoded = params === '' ? path : `${path}?${params}`;
    const record: OpenRecord = { method, path: decoded, status: null, at: this.#clock.now() };
    this.records.push(record);
    this.total += 1;
    if (this.records.length > KEPT) this.records.shift();
    return record;
  }

  close({ method, path, status }: RecordedRequest): void {
    this.#line(`${method} ${path} ${status ?? 'not answered'}`);
  }

  clear(): void {
    this.records.length = 0;
    this.total = 0;
  }
}
