import { type Command, Option } from 'commander';
import type { EventFilter } from '../../events/log.ts';

export interface EventOptions {
  readonly json?: boolean;
  readonly reveal?: boolean;
  readonly provider?: 'bongloy' | 'casso';
}

/** What all that print events take. */
export const addEventOptions = (command: Command): Command =>
  command
    .option('--json', 'one JSON document a line')
    .option('--reveal', 'show account numbers, amounts, names and descriptions');

export const addEventFilter = (command: Command): Command =>
  command.addOption(
    new Option('--provider <name>', 'events of this provider alone').choices(['bongloy', 'casso']),
  );

export const filterOf = ({ provider }: EventOptions): EventFilter | undefined =>
  provider && { providers: [provider === 'bongloy' ? 'BONGLOY' : 'CASSO'] };
