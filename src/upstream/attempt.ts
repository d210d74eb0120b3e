import type { Dispatcher } from 'undici';
import type { UpstreamResponse } from './upstream.ts';

/** How an attempt is told to its sender; only the first of the two calls counts. */
export interface AttemptListener {
  answered(response: UpstreamResponse): void;
  /** @param error undici's own, or the reason that the attempt was given up for. */
  failed(error: unknown): void;
}

/**
 * Reads one answer whole. A handler of undici's own rather than its `request`, which wraps every answer in a stream
 * and every signal in another: small answers cost several times as much that way.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly #listener: AttemptListener;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: UpstreamResponse['headers'] = {};
  #isOver = false;

  constructor(listener: AttemptListener) {
    this.#listener = listener;
  }

  /** Fails at once, also while undici still connects, and ends what is under way. */
  giveUp(reason: unknown): void {
    this.#fail(reason);
    this.#controller?.abort(GIVEN_UP);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#isOver) controller.abort(GIVEN_UP);
  }

  onResponseStart(_controller: unknown, status: number, headers: RawHeaders): void {
    // An interim answer (1xx) comes before the one that counts, which replaces it.
    this.#status = status;
    this.#headers = firstValues(headers);
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const [only] = this.#chunks;
    const body = only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    this.#listener.answered({ status: this.#status, headers: this.#headers, body: textOf(body) });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.failed(error);
  }
}

type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Nobody hears of it: whoever gave up knows why. */
const GIVEN_UP = new Error('the attempt was given up');

function firstValues(headers: RawHeaders): Record<string, string> {
  const values: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    const first = typeof value === 'object' ? value[0] : value;
    if (first !== undefined) values[name] = first;
  }
  return values;
}

/** A byte order mark is no part of the text, as with every reader of the web platform. */
const textOf = (body: Buffer): string =>
  body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? body.toString('utf8', 3) : body.toString('utf8');
