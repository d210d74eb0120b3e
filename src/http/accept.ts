import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { OperationContext, ServerContext } from './context.ts';
import { ANSWER_TYPES, REFUSALS, STREAM_TYPE } from './refusals.ts';

interface Range {
  readonly type: string;
  /** 0 is "not this one". */
  readonly weight: number;
}

const WEIGHT = /;q=([\d.]+)/;

/** A parameter of a media type that names another character set than the one that this API reads and writes. */
export const NOT_UTF8 = /;\s*charset\s*=\s*(?!"?utf-?8"?\s*(?:;|$))/i;

/** The ranges of an `Accept` header that text in UTF-8 can be in. */
const rangesOf = (accept: string): Range[] =>
  accept
    .toLowerCase()
    .replace(/\s/g, '')
    .split(',')
    .filter((text) => !NOT_UTF8.test(text))
    .map((text) => ({ type: text.split(';', 1)[0] ?? '', weight: Number(WEIGHT.exec(text)?.[1] ?? 1) }));

/** Clients of one kind all send the same. */
const known = new LRUCache<string, readonly string[]>({ max: 100 });
/** Characters of a header that is remembered. */
const LONGEST_KNOWN = 500;

/** Types of ours that a client takes, the one it likes best first (RFC 9110 §12.5.1). Empty: none. */
export function acceptedTypes(accept = ''): readonly string[] {
  const found = known.get(accept);
  if (found) return found;
  const types = typesIn(rangesOf(accept.trim() || '*/*'));
  if (accept.length <= LONGEST_KNOWN) known.set(accept, types);
  return types;
}

function typesIn(ranges: readonly Range[]): readonly string[] {
  return ANSWER_TYPES.flatMap((type) => {
    // The nearest range decides.
    const names = [type, `${type.split('/', 1)[0]}/*`, '*/*'];
    const name = names.find((each) => ranges.some((range) => range.type === each));
    const place = ranges.findIndex((range) => range.type === name);
    const range = ranges[place];
    if (!range || !(range.weight > 0)) return [];
    return [{ type, weight: range.weight, place }];
  })
    .sort((one, other) => other.weight - one.weight || one.place - other.place)
    .map(({ type }) => type);
}

/** Refuses a subscription over HTTP that no stream was asked for, before anything is subscribed to. */
export function useStreamType(): Plugin<OperationContext & ServerContext> {
  const { message, code, status, headers } = REFUSALS.noStream;
  return {
    onSubscribe({ args: { contextValue }, setResultAndStopExecution }) {
      const { req } = contextValue;
      if (!req || req.headers.accept?.includes(STREAM_TYPE)) return;
      setResultAndStopExecution({
        errors: [new GraphQLError(message, { extensions: { code, http: { status, headers } } })],
      });
    },
  };
}
