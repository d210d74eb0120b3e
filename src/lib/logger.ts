import { type DestinationStream, type Logger as Pino, pino } from 'pino';

export type Logger = Pick<Pino, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * JSON lines on standard error, so that standard output stays for what a person asked for.
 * An error is logged as its name, our message and our stack alone: a library's error may carry a request,
 * and with it a token, in its other members or in its cause.
 * @param destination where the lines go in the place of standard error.
 */
export function createLogger(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 2, sync: false }),
): Logger {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: plainError } },
    destination,
  );
}

function plainError(error: unknown): unknown {
  if (!(error instanceof Error)) return { name: typeof error };
  const { name, message, stack } = error;
  const kind = 'kind' in error && typeof error.kind === 'string' ? { kind: error.kind } : {};
  return { name, message, stack, ...kind };
}
