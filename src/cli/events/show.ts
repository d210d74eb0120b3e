import type { Command } from 'commander';
import { GatewayError } from '../../domain/errors.ts';
import { decodeEventCursor } from '../../events/cursor.ts';
import type { EventLog, LogEvent } from '../../events/log.ts';
import { listing } from '../print.ts';
import { UsageError } from '../run.ts';
import { configOf } from '../settings.ts';
import { withStoreForReading } from '../store.ts';
import { plain, type Terminal } from '../terminal.ts';
import { eventDocument } from './document.ts';
import { addEventOptions, type EventOptions } from './options.ts';
import { createPrinter } from './print.ts';

export function addEventsShow(events: Command, terminal: Terminal): void {
  const command = events
    .command('show')
    .description('print everything about one event')
    .argument('<event>', 'its cursor, or its position');
  addEventOptions(command).action(async (name: string, options: EventOptions) => {
    await withStoreForReading(await configOf(command), async ({ log }) => {
      const position = await positionOf(name, log);
      const event = await eventAt(position, log);
      if (options.json) return createPrinter(terminal, log, options)([event]);
      await terminal.out(listing(eventDocument(event, log, options.reveal ?? false)));
    });
  });
}

/** @throws UsageError for a text that is neither; GatewayError for the cursor of another log, or of what is gone. */
export async function positionOf(name: string, log: EventLog): Promise<number> {
  if (/^\d{1,15}$/.test(name)) return Number(name);
  try {
    return await decodeEventCursor(name, log, 'The cursor');
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'BAD_USER_INPUT') throw error;
    throw new UsageError(`${plain(name)} is neither an event’s position nor its cursor`);
  }
}

async function eventAt(position: number, log: EventLog): Promise<LogEvent> {
  const [trimmedTo, end] = await Promise.all([log.trimmedTo(), log.end()]);
  const isKept = trimmedTo < position && position <= end;
  const [event] = isKept ? (await log.read(position - 1, 1)).events : [];
  if (event?.position === position) return event;
  const kept = end === trimmedTo ? 'The log is empty.' : `The log holds ${trimmedTo + 1} to ${end}.`;
  throw new Error(`There is no event at position ${position}. ${kept}`);
}
