import type { Command } from 'commander';
import { startProgress } from './progress.ts';
import { databaseFileOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

export function addRestore(program: Command, terminal: Terminal): void {
  program
    .command('restore')
    .description('put a backup in the place of the database file, which was moved away')
    .argument('<file>', 'the backup; it is only read')
    .addHelpText(
      'after',
      '\nStop the gateway first, and move the old file away with its -wal and -shm. Subscribers who had seen more than the\n' +
        'backup holds are told CURSOR_EXPIRED. docs/operating.md tells what is lost.',
    )
    .action(async (file: string, _options: unknown, command: Command) => {
      const to = await databaseFileOf(command);
      const { restoreDatabase } = await import('../store/backup.ts');
      const progress = startProgress(terminal, 'pages');
      await restoreDatabase(file, to, ({ copiedPages, totalPages }) =>
        progress.update(copiedPages, totalPages),
      ).finally(() => progress.stop());
      await terminal.out(`${to} is what ${file} holds. Start the gateway.\n`);
    });
}
