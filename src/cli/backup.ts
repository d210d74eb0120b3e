import type { Command } from 'commander';
import { startProgress } from './progress.ts';
import { databaseFileOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

export function addBackup(program: Command, terminal: Terminal): void {
  program
    .command('backup')
    .description('copy the database file as it is now, while the gateway runs')
    .argument('<file>', 'where to; it must not exist yet')
    .addHelpText(
      'after',
      '\nThe copy is read through before it gets its name. It is as confidential as the original, and its sessions open\n' +
        'with STORE_KEYS alone: keep those elsewhere.',
    )
    .action(async (file: string, _options: unknown, command: Command) => {
      const from = await databaseFileOf(command);
      const { backupDatabase } = await import('../store/backup.ts');
      const progress = startProgress(terminal, 'pages');
      await backupDatabase(from, file, ({ copiedPages, totalPages }) =>
        progress.update(copiedPages, totalPages),
      ).finally(() => progress.stop());
      await terminal.out(`${from} is copied to ${file}.\n`);
    });
}
