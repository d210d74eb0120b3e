import type { Writable } from 'node:stream';
import type { DestinationStream } from 'pino';

/** Where lines of the log go. */
export interface LogLines extends DestinationStream {
  /** Resolves when every line so far has been handed on, or the time (milliseconds) is over: its reader may never read again. */
  written(within: number): Promise<void>;
}

/** Of lines that wait for a reader, in bytes. More are dropped and counted: the log must not fill the memory. */
const MOST_WAITING = 4 * 1024 * 1024;

/**
 * Lines to a stream whose reader may be slow, or gone. Node.js writes to pipes and sockets when they have room and to files at
 * once, and its end waits for none of them.
 */
export function createLogLines(stream: Writable): LogLines {
  let dropped = 0;
  // Its reader has ended, and there is no other place for the error.
  stream.on('error', () => {});

  return {
    write(line) {
      if (stream.writableLength > MOST_WAITING) {
        dropped += 1;
        return;
      }
      if (dropped > 0) {
        const [time, count] = [new Date().toISOString(), dropped];
        dropped = 0;
        stream.write(
          `${JSON.stringify({ level: 'warn', time, count, msg: 'lines of the log were dropped: they were not read in time' })}\n`,
        );
      }
      stream.write(line);
    },

    async written(within) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        timer = setTimeout(resolve, within);
        stream.write('', () => resolve());
      });
      clearTimeout(timer);
    },
  };
}

let standardError: LogLines | null = null;

/** Those of the process: one for all loggers, as each listens to the stream. */
export function standardErrorLines(): LogLines {
  standardError ??= createLogLines(process.stderr);
  return standardError;
}
