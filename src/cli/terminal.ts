import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters, styleText } from 'node:util';

/** Who started the command, as a command sees them. */
export interface Terminal {
  /** Standard output: what was asked for. Resolves when the reader has taken it, so that nothing piles up. */
  out(text: string): Promise<void>;
  /** Standard error: what went wrong, or is worth knowing. */
  err(text: string): void;
  /** Somebody watches standard error, so that a progress bar makes sense. */
  readonly watched: boolean;
  /** Coloured only where standard output is a terminal and `NO_COLOR` is not set. */
  style(colour: Colour, text: string): string;
}

export type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

/** The terminal, behind `harmless`: all that a command prints passes it. */
export const createTerminal = (terminal: Terminal): Terminal => ({
  ...terminal,
  out: (text) => terminal.out(harmless(text)),
  err: (text) => terminal.err(harmless(text)),
});

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // Whoever reads us may have seen enough, such as `head`: that is no failure.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return createTerminal({
    out: (text) => new Promise((resolve) => stdout.write(text, () => resolve())),
    err: (text) => void stderr.write(text),
    watched: isWatched(stderr),
    style: (colour, text) => styleText(colour, text, { stream: stdout }),
  });
}

const isWatched = (stream: Partial<WriteStream>): boolean => stream.isTTY === true;

/** Text that somebody else wrote, such as a bank: one line, and nothing in it that a terminal would obey. */
export const plain = (text: string): string =>
  stripVTControlCharacters(text).replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ');

/** `styleText` writes a colour like this, and the end of one. */
const COLOUR = String.raw`\u001b\[\d{1,2}m`;
const UNPLAIN = new RegExp(String.raw`(${COLOUR}|\n)|[\p{C}\p{Zl}\p{Zp}]`, 'gu');

/** Lines in our own colours, with nothing else that a terminal would obey: what a command forgot to make plain. */
const harmless = (text: string): string => text.replace(UNPLAIN, (_sign, ours?: string) => ours ?? ' ');
