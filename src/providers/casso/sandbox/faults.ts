import { z } from 'zod';

const milliseconds = z.int().min(0);
const status = z.int().min(200).max(599);

/** What goes wrong. Durations are in milliseconds, sizes in bytes. */
const kinds = z.discriminatedUnion('kind', [
  /** The request is read and never answered. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Answered rightly, `ms` late. */
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds }),
  /** The connection is reset; the request had no effect. */
  z.strictObject({ kind: z.literal('reset') }),
  /** The request takes effect, and the connection is reset in the middle of its answer. */
  z.strictObject({ kind: z.literal('reset-mid-body') }),
  /** An empty answer with this status; `retryAfter` is the header's value, seconds or a date. */
  z.strictObject({
    kind: z.literal('status'),
    code: status,
    retryAfter: z.union([z.int().min(0), z.string()]).optional(),
  }),
  /** 200, and an envelope whose `error` is `code`; the request had no effect. */
  z.strictObject({ kind: z.literal('envelope-error'), code: z.int() }),
  /** A page of HTML, with status 200 unless told. */
  z.strictObject({ kind: z.literal('html'), code: status.default(200) }),
  /** The right answer, whole as HTTP, with half of its JSON. */
  z.strictObject({ kind: z.literal('truncated-json') }),
  /** A good envelope about something that is not the documented document. */
  z.strictObject({ kind: z.literal('wrong-shape') }),
  /** More bytes announced than sent before the end. */
  z.strictObject({ kind: z.literal('wrong-content-length') }),
  /** Valid JSON that goes on for `bytes` (64 MiB unless told), with no announced length. */
  z.strictObject({
    kind: z.literal('huge-body'),
    bytes: z
      .int()
      .min(1)
      .default(64 * 1024 * 1024),
  }),
  /** The right answer, one byte each `ms` (100 unless told). */
  z.strictObject({ kind: z.literal('slow-body'), ms: milliseconds.default(100) }),
]);

/** `match` is the beginning of the paths concerned; `times` is how many requests, one unless told. */
export const faultInput = z.intersection(
  kinds,
  z.strictObject({ match: z.string().startsWith('/'), times: z.int().min(1).default(1) }),
);

export type FaultInput = z.input<typeof faultInput>;
export type Fault = z.output<typeof faultInput>;

/** The faults that wait for their requests: the oldest that matches is used first. */
export class Faults {
  #waiting: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** Uses one up, if any matches the path. */
  take(path: string): Fault | undefined {
    const entry = this.#waiting.find(({ fault }) => path.startsWith(fault.match));
    if (!entry) return undefined;
    entry.left -= 1;
    if (entry.left === 0) this.#waiting = this.#waiting.filter((other) => other !== entry);
    return entry.fault;
  }

  get waiting(): number {
    return this.#waiting.length;
  }
}
