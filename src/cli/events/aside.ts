import type { Command } from 'commander';
import type { Terminal } from '../terminal.ts';
import { addAsideDiscard } from './aside/discard.ts';
import { addAsideList } from './aside/list.ts';
import { addAsideReplay } from './aside/replay.ts';
import { addAsideShow } from './aside/show.ts';

const WHY = `
A provider signed these, and this program did not understand them, or not wholly. They are sealed with STORE_KEYS, stay
until they are replayed or discarded, and are bounded: docs/operating.md tells what to do.`;

export function addEventsAside(events: Command, terminal: Terminal): void {
  const aside = events
    .command('aside')
    .description('look after what came, is authentic, and was not understood')
    .helpCommand(false)
    .addHelpText('after', WHY);
  addAsideList(aside, terminal);
  addAsideShow(aside, terminal);
  addAsideReplay(aside, terminal);
  addAsideDiscard(aside, terminal);
}
