import type { Command } from 'commander';
import { configOf } from '../../settings.ts';
import { withStore } from '../../store.ts';
import type { Terminal } from '../../terminal.ts';
import { findRow } from './find.ts';

export function addAsideDiscard(aside: Command, terminal: Terminal): void {
  aside
    .command('discard')
    .description('delete one of them for ever, once it has been looked at and dealt with')
    .argument('<id>', 'its id, or how that begins')
    .action(async (id: string, _options: unknown, command: Command) => {
      await withStore(await configOf(command), async ({ aside: store }) => {
        const row = await findRow(store, id);
        if (!(await store.delete(row.id, row.version)))
          throw new Error(`${row.id} has changed meanwhile: look again.`);
        await terminal.out(`${row.id} is deleted.\n`);
      });
    });
}
