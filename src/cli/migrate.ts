import { type Command, InvalidArgumentError } from 'commander';
import { startProgress } from './progress.ts';
import { UsageError } from './run.ts';
import { configOf } from './settings.ts';
import type { Terminal } from './terminal.ts';

export function addMigrate(program: Command, terminal: Terminal): void {
  program
    .command('migrate')
    .description('move a database file to the NATS cluster of STORE_URL')
    .requiredOption('--from <url>', 'required: the file, as STORE_URL named it: sqlite:PATH', sqlitePath)
    .addHelpText(
      'after',
      '\nStop the gateway first, and start it with the new STORE_URL afterwards. The file is only read. An interrupted\n' +
        'move goes on when it is run again. docs/scaling.md tells more.',
    )
    .action(async ({ from }: { from: string }, command: Command) => {
      const { store, logLevel, ...days } = await configOf(command);
      if (store.kind !== 'nats') {
        throw new UsageError('STORE_URL must be the cluster to move to: nats://host:4222');
      }
      const { migrateStore } = await import('../migration/migrate.ts');
      const { createLogger } = await import('../lib/logger.ts');
      const progress = startProgress(terminal, 'moved');
      const report = await migrateStore({
        from,
        to: { ...store, ...days, logger: createLogger(logLevel) },
        onProgress: (done, total) => progress.update(done, total),
      }).finally(() => progress.stop());
      const { alreadyMoved, events, sessions, aside } = report;
      const moved = `events ${events}, sessions ${sessions}, kept aside ${aside}`;
      await terminal.out(
        alreadyMoved
          ? `This file was moved to this cluster before (${moved}): nothing was done.\n`
          : `On the cluster now: ${moved}. Start the gateways.\n`,
      );
    });
}

function sqlitePath(value: string): string {
  const [, path] = /^sqlite:(.+)$/.exec(value) ?? [];
  if (path === undefined)
    throw new InvalidArgumentError('It must be sqlite:PATH, such as sqlite:./data/mekong.db.');
  return path;
}
