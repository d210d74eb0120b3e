import type { Clock } from '../../../lib/clock.ts';
import { authorization, type SandboxRequest } from './message.ts';

/** The older ones are forgotten, so that a long benchmark does not fill the memory. */
const KEPT = 10_000;

/** A request to the provider's own routes. */
export interface RecordedRequest {
  readonly method: string;
  /** With the query, decoded. */
  readonly path: string;
  /** `apikey`, `bearer` or whatever came, in lower case; null without a scheme. */
  readonly authorizationScheme: string | null;
  /** Null until it is answered, and for ever if it never is. */
  readonly status: number | null;
  /** When it came, in milliseconds since the epoch. */
  readonly at: number;
}

type OpenRecord = { -readonly [Name in keyof RecordedRequest]: RecordedRequest[Name] };

/** Remembers requests in the order they came, and tells `line` of each when it is over. */
export class RequestLog {
  readonly records: OpenRecord[] = [];
  readonly #clock: Clock;
  readonly #line: (line: string) => void;

  constructor(clock: Clock, line: (line: string) => void) {
    this.#clock = clock;
    this.#line = line;
  }

  open(request: SandboxRequest): OpenRecord {
    const query = [...request.query].map(([name, value]) => `${name}=${value}`).join('&');
    const record: OpenRecord = {
      method: request.method,
      path: query === '' ? request.path : `${request.path}?${query}`,
      authorizationScheme: authorization(request)?.scheme ?? null,
      status: null,
      at: this.#clock.now(),
    };
    this.records.push(record);
    if (this.records.length > KEPT) this.records.shift();
    return record;
  }

  /** `status` is null when there was no answer. */
  close(record: OpenRecord, status: number | null): void {
    // The record is the log's own: readers see it as read-only.
    Object.assign(record, { status });
    this.#line(`${record.method} ${record.path} ${status ?? 'not answered'}`);
  }

  clear(): void {
    this.records.length = 0;
  }
}
