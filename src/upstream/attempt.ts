import type { Dispatcher } from 'undici';
import { UpstreamFailure } from './errors.ts';
import type { Outcome, UpstreamResponse } from './upstream.ts';

/**
 * Reads one answer whole. A handler of undici's own rather than its `request`, which wraps every answer in a stream
 * and every signal in another: small answers cost several times as much that way.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  readonly #name: string;
  readonly #done: (outcome: Outcome) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Dispatcher.DispatchController | null = null;
  #status = 0;
  #headers: UpstreamResponse['headers'] = {};
  #isOver = false;

  /** @param name of the provider, for messages. @param done is called once. */
  constructor(name: string, done: (outcome: Outcome) => void) {
    this.#name = name;
    this.#done = done;
  }

  /** Fails at once, also while undici still connects, and ends what is under way. */
  giveUp(reason: unknown): void {
    this.#end({ error: reason });
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
    const [only] = this.#chunks;
    const body = only && this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks);
    this.#end({ response: { status: this.#status, headers: this.#headers, body: textOf(body) } });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#end({ error: failureOf(this.#name, error) });
  }

  #end(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#done(outcome);
  }
}

type RawHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Never seen: the attempt was over before. */
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

/**
 * In our words with the library's code, and without the error as its cause: a parser's error carries what was received.
 * A request that undici finds malformed is our fault, not the provider's, and stays as it is.
 */
function failureOf(name: string, error: Error): Error {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === 'UND_ERR_INVALID_ARG') return error;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' || code === 'UND_ERR_HEADERS_OVERFLOW')
    return new UpstreamFailure('wrong-shape', `${name} sent more than is accepted (${code})`);
  // undici has the proxy's status in the message alone.
  const [, status] = /^Proxy response \((\d+)\)/.exec(error.message) ?? [];
  return new UpstreamFailure(
    'no-answer',
    status
      ? `the proxy to ${name} answered ${status} in place of a connection`
      : `${name} gave no whole answer (${code})`,
  );
}
