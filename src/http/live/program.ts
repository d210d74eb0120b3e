import { type ExecutionResult, execute, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { VisibleEvent } from '../../schema/event/visible.ts';
import type { OperationContext } from '../context.ts';
import type { ErrorMask } from '../errors.ts';
import type { Operation } from './operation.ts';
import { payloadOf } from './payload.ts';

/** Characters of results that are kept for other viewers, over all programs. */
const LARGEST_SIZE = 8_000_000;

/** Results that depend on no viewer, by program and position. */
export type SharedTexts = LRUCache<string, string>;
export const createSharedTexts = (): SharedTexts =>
  new LRUCache({ maxSize: LARGEST_SIZE, sizeCalculation: (text) => text.length + 1 });

export interface ProgramOptions {
  readonly schema: GraphQLSchema;
  readonly mask: ErrorMask;
  readonly texts: SharedTexts;
  /** Told of each execution. */
  readonly onExecute: () => void;
}

let programs = 0;

/**
 * One operation with its variables, for all who have subscribed with it: makes the payload of a message, as text, from
 * an event. The same bytes as a subscription's own execution makes.
 */
export class Program {
  readonly #operation: Operation;
  readonly #options: ProgramOptions;
  readonly #id = ++programs;
  /** A result was seen to depend on its viewer. */
  #personal = false;

  constructor(operation: Operation, options: ProgramOptions) {
    this.#operation = operation;
    this.#options = options;
  }

  /** As one viewer sees it. */
  async textFor(visible: VisibleEvent, context: OperationContext): Promise<string> {
    return this.#text(await this.#execute(visible, context), context.requestId);
  }

  /**
   * As everybody sees it who may see the event, made once for all of them; null when the result depends on the viewer.
   * No viewer and no credential is at hand where it is made, so that nothing of one can come to another.
   */
  async textForAll(visible: VisibleEvent): Promise<string | null> {
    // What a card event is about was read with the viewer's own credential.
    if (this.#personal || visible.unavailableProviders || visible.event.provider === 'BONGLOY') return null;
    const { texts } = this.#options;
    const key = `${this.#id}/${visible.event.position}`;
    const kept = texts.get(key);
    if (kept !== undefined) return kept;
    const nobody = nobodysContext();
    const executed = this.#execute(visible, nobody.context);
    const result = executed instanceof Promise ? await executed : executed;
    this.#personal ||= nobody.wasAsked();
    if (this.#personal) return null;
    const text = this.#text(result);
    texts.set(key, text);
    return text;
  }

  #execute(visible: VisibleEvent, contextValue: object): ExecutionResult | Promise<ExecutionResult> {
    const { document, operationName, variables } = this.#operation;
    const { schema, onExecute } = this.#options;
    onExecute();
    return execute({
      schema,
      document,
      operationName: operationName ?? null,
      variableValues: variables ?? {},
      rootValue: visible,
      contextValue,
    });
  }

  #text(result: ExecutionResult, requestId?: string): string {
    const { errors, ...rest } = result;
    const masked = errors?.map((error) => this.#options.mask(error, requestId));
    return JSON.stringify(payloadOf(masked ? { ...rest, errors: masked } : result));
  }
}

/** Refuses everything, and notes that it was asked. */
function nobodysContext() {
  let asked = false;
  const refuse = (): never => {
    asked = true;
    throw new Error('this result depends on who asks');
  };
  const context = new Proxy(
    {},
    { get: refuse, has: refuse, getOwnPropertyDescriptor: refuse, ownKeys: refuse },
  );
  return { context, wasAsked: () => asked };
}
