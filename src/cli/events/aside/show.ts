import type { Command } from 'commander';
import type { Content } from '../../../aside/aside.ts';
import { jsonLine, listing } from '../../print.ts';
import { configOf } from '../../settings.ts';
import { withStoreForReading } from '../../store.ts';
import type { Terminal } from '../../terminal.ts';
import { findRow } from './find.ts';
import { asideDocument } from './list.ts';

interface Options {
  readonly json?: boolean;
  readonly reveal?: boolean;
}

export function addAsideShow(aside: Command, terminal: Terminal): void {
  aside
    .command('show')
    .description('print one of them: what kind of value each member has, or with --reveal all as it came')
    .argument('<id>', 'its id, or how that begins')
    .option('--json', 'one JSON document')
    .option('--reveal', 'show what came: account numbers, amounts, names and descriptions')
    .action(async (id: string, { json = false, reveal = false }: Options, command: Command) => {
      const config = await configOf(command);
      const { createAside } = await import('../../../aside/aside.ts');
      const { createSealer } = await import('../../../sessions/sealing.ts');
      await withStoreForReading(config, async (store) => {
        const row = await findRow(store.aside, id);
        const content = await createAside(store.aside, createSealer(config.storeKeys)).open(row);
        const document = {
          ...asideDocument(row),
          ...(reveal ? revealed(content) : { kinds: kindsOf(content) }),
        };
        await terminal.out(json ? `${jsonLine(document)}\n` : listing(document));
      });
    });
}

const revealed = ({ body, taken, corrections }: Content) => ({
  taken: taken.join(' '),
  corrections: corrections.join(' '),
  body: body.toString(),
});

/** In the place of each value what kind of value it is. */
const kindsOf = ({ body }: Content): string =>
  JSON.stringify(JSON.parse(body.toString()), (_name, value: unknown) => {
    if (Array.isArray(value)) return value;
    if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [isName(name) ? name : '…', member]),
    );
  });

/** A member's name as programs write them; anything else may be somebody's. */
const isName = (name: string): boolean => /^[A-Za-z_][A-Za-z_-]{0,40}$/.test(name);
