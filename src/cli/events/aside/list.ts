import type { Command } from 'commander';
import type { AsideRow } from '../../../aside/store.ts';
import { columns, jsonLine } from '../../print.ts';
import { configOf } from '../../settings.ts';
import { withStoreForReading } from '../../store.ts';
import type { Terminal } from '../../terminal.ts';

const WIDTHS = [12, 25, 9, 10] as const;
const HEADINGS = ['id', 'received', 'provider', 'scheme', 'why'];

export function addAsideList(aside: Command, terminal: Terminal): void {
  aside
    .command('list', { isDefault: true })
    .description('print what is kept aside, oldest first, with nothing personal')
    .option('--json', 'one JSON document a line')
    .action(async ({ json = false }: { json?: boolean }, command: Command) => {
      await withStoreForReading(await configOf(command), async (store) => {
        let isFirst = true;
        for await (const row of store.aside.all()) {
          if (isFirst && !json) await terminal.out(`${terminal.style('bold', columns(HEADINGS, WIDTHS))}\n`);
          isFirst = false;
          await terminal.out(`${json ? jsonLine(asideDocument(row)) : columns(cells(row), WIDTHS)}\n`);
        }
        if (isFirst) terminal.err('Nothing is kept aside.\n');
      });
    });
}

const cells = (row: AsideRow): string[] => {
  const { id, receivedAt, provider, scheme, reason } = asideDocument(row);
  return [id.slice(0, 12), receivedAt, provider, scheme, reason];
};

/** A row as it is printed: nothing of what came. */
export const asideDocument = ({ id, receivedAt, provider, scheme, reason }: AsideRow) => ({
  id,
  receivedAt: new Date(receivedAt).toISOString(),
  provider,
  scheme,
  reason,
});
