import { formatted } from '../../domain/money.ts';
import type { EventLog, LogEvent } from '../../events/log.ts';
import { columns, jsonLine } from '../print.ts';
import type { Terminal } from '../terminal.ts';
import { eventDocument, masked } from './document.ts';
import type { EventOptions } from './options.ts';

/** Column widths; what comes last takes what it needs. */
const WIDTHS = [9, 25, 9, 25, 15] as const;
const HEADINGS = ['position', 'received', 'provider', 'type', 'source', 'what'];

/** Prints events in the order given, a page at a time. @returns the printer of pages. */
export function createPrinter(
  terminal: Terminal,
  log: Pick<EventLog, 'epochAt'>,
  { json = false, reveal = false }: EventOptions,
) {
  let begun = false;

  function heading(): string {
    if (begun || json) return '';
    begun = true;
    return `${terminal.style('bold', columns(HEADINGS, WIDTHS))}\n`;
  }

  return (events: readonly LogEvent[]): Promise<void> => {
    const lines = events.map((event) =>
      json ? jsonLine(eventDocument(event, log, reveal)) : columns(cells(event, reveal), WIDTHS),
    );
    if (lines.length === 0) return Promise.resolve();
    return terminal.out(`${heading()}${lines.map((line) => `${line}\n`).join('')}`);
  };
}

function cells(event: LogEvent, reveal: boolean): string[] {
  const { position, receivedAt, provider, type, source } = event;
  const time = new Date(receivedAt).toISOString();
  return [String(position), time, provider, type, source, subject(event, reveal)];
}

function subject(event: LogEvent, reveal: boolean): string {
  if (event.provider === 'BONGLOY') return `transaction ${event.transactionId}`;
  const { id, bankAccountNumber, direction, amount, description } = event.transaction;
  if (!reveal) return `transaction ${id} on ${masked(bankAccountNumber)}, ${direction}`;
  return `transaction ${id} on ${bankAccountNumber}, ${direction} ${formatted(amount)} ${description ?? ''}`.trimEnd();
}
