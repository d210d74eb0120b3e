import type { Command } from 'commander';
import { addEventsAside } from './events/aside.ts';
import { addEventsReplay } from './events/replay.ts';
import { addEventsShow } from './events/show.ts';
import { addEventsTail } from './events/tail.ts';
import type { Terminal } from './terminal.ts';

const PRIVACY = `
Reads the configured store, also while the gateway runs, and changes nothing. What is personal (account numbers,
amounts, names, descriptions) is left out, so that the output can be pasted into a ticket; --reveal shows it.`;

export function addEvents(program: Command, terminal: Terminal): void {
  const events = program
    .command('events')
    .description('look into the event log: what the providers told')
    .helpCommand(false)
    .addHelpText('after', PRIVACY);
  addEventsTail(events, terminal);
  addEventsShow(events, terminal);
  addEventsReplay(events, terminal);
  addEventsAside(events, terminal);
}
