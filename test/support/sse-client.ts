import { Feed, type Result } from './feed.ts';

/** A subscription over SSE, read from a streamed answer as a browser without EventSource would. */
export class SseFeed extends Feed {
  /** How many comment lines came: the heartbeat. */
  comments = 0;
  readonly #controller = new AbortController();

  constructor(url: string, query: string, variables: object, token: string | undefined) {
    super();
    this.#read(url, query, variables, token).then(
      () => this.end({ kind: 'cut' }),
      () => this.end({ kind: 'cut' }),
    );
  }

  /** Leaves, as a client does that wants no more. */
  leave(): void {
    this.#controller.abort();
  }

  async #read(url: string, query: string, variables: object, token: string | undefined): Promise<void> {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ query, variables }),
      signal: this.#controller.signal,
    });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) this.#take(message);
    }
  }

  #take(message: string): void {
    const fields = new Map(
      message.split('\n').map((line) => [line.split(':', 1)[0], line.replace(/^\w*: ?/, '')]),
    );
    if (fields.has('')) {
      this.comments += 1;
      this.wake();
    }
    if (fields.get('event') === 'next') this.push(JSON.parse(fields.get('data') ?? '') as Result);
    if (fields.get('event') === 'complete') this.end({ kind: 'complete' });
  }
}

/** Begins at once; results are kept until they are taken. */
export const subscribeOverSse = (
  url: string,
  query: string,
  variables: object = {},
  token?: string,
): SseFeed => new SseFeed(url, query, variables, token);
