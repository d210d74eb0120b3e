import { type DestinationStream, type LoggerOptions, pino } from 'pino';
import { standardErrorLines } from './log-lines.ts';
import { currentTraceId } from './span.ts';

/** Everything that a line may hold beside its time, level, trace id and message. */
export interface LogFields {
  /** Of the request that it is about (see `request-id.ts`). */
  readonly requestId?: string | undefined;
  readonly err?: unknown;
  readonly provider?: string | undefined;
  /** Those that are on. */
  readonly providers?: readonly string[];
  /** What kind of store it is. */
  readonly store?: string;
  /** A short constant of ours: why. */
  readonly reason?: string;
  /** How a webhook was authenticated. */
  readonly scheme?: string;
  /** Where in an answer, as response keys. */
  readonly path?: string | undefined;
  /** Where we listen. */
  readonly url?: string;
  readonly production?: boolean;
  readonly signal?: string;
  readonly method?: string | undefined;
  /** Of our own: which one, never what a client asked for. */
  readonly route?: string;
  readonly status?: number;
  /** A duration, milliseconds. */
  readonly ms?: number;
  /** Query, mutation or subscription. */
  readonly operation?: string;
  readonly transport?: string;
  /** What kind of viewer asked; never who. */
  readonly viewer?: string;
  readonly outcome?: string;
  /** Those under way: name and request id of each. */
  readonly operations?: readonly string[];
  /** What was counted. */
  readonly count?: number;
  /** Of an event in the log: a number of ours. */
  readonly position?: number;
}

const FIELDS: Readonly<Record<keyof LogFields, true>> = {
  requestId: true,
  err: true,
  provider: true,
  providers: true,
  store: true,
  reason: true,
  scheme: true,
  path: true,
  url: true,
  production: true,
  signal: true,
  method: true,
  route: true,
  status: true,
  ms: true,
  operation: true,
  transport: true,
  viewer: true,
  outcome: true,
  operations: true,
  count: true,
  position: true,
};

interface Log {
  (fields: LogFields, message: string): void;
  (message: string): void;
}

export type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', Log>>;

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Of one field, in characters. */
const LONGEST = 500;

/**
 * JSON lines on standard error, so that standard output stays for what a person asked for. Only the fields that are
 * known above are ever written, and of those only plain values: what nobody thought of stays out.
 * An error is logged as its name, our message and our stack alone: a library's error may carry a request,
 * and with it a token, in its other members or in its cause. Only where the cause is an UpstreamFailure its message is
 * there too: it is in our words, and says what a provider that "gave no usable answer" did.
 * @param destination where the lines go in the place of standard error.
 */
export function createLogger(level: LogLevel, destination: DestinationStream = standardErrorLines()): Logger {
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: plainError },
    formatters: { level: (label) => ({ level: label }), log: knownFields },
    mixin: () => {
      const traceId = currentTraceId();
      return traceId === undefined ? {} : { traceId };
    },
  };
  return pino(options, destination);
}

function knownFields(given: Record<string, unknown>): Record<string, unknown> {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === 'traceId') known[name] = value;
    else if (Object.hasOwn(FIELDS, name)) known[name] = name === 'err' ? value : plainValue(value);
  }
  return known;
}

function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  if (typeof value === 'string') return value.slice(0, LONGEST);
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined;
}

function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack } = error;
  const kind = 'kind' in error && typeof error.kind === 'string' ? { kind: error.kind } : {};
  return { name, message, ...causeOf(error), stack, ...kind };
}

const causeOf = ({ cause }: Error): { readonly cause?: string } =>
  cause instanceof Error && cause.name === 'UpstreamFailure' ? { cause: cause.message } : {};
