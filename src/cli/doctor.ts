import type { Command } from 'commander';
import type { Finding } from './doctor/finding.ts';
import { escapedJson } from './print.ts';
import { Failed } from './run.ts';
import { configOf, environmentOf } from './settings.ts';
import type { Colour, Terminal } from './terminal.ts';

export function addDoctor(program: Command, terminal: Terminal): void {
  program
    .command('doctor')
    .description('check settings, keys, store, providers, clock and webhooks, and say what to do')
    .option('--json', 'one JSON document')
    .addHelpText(
      'after',
      '\nChanges nothing. At the providers it makes at most two calls each, which cannot succeed in changing anything. To\n' +
        'check the webhooks the gateway must run. Fails when something must be mended, not for a warning.',
    )
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const { ConfigError } = await import('../config.ts');
      const config = await configOf(command).catch((error: unknown) => {
        if (json && error instanceof ConfigError) return error;
        throw error;
      });
      const { examine } = await import('./doctor/examine.ts');
      const { wrongSettings } = await import('./doctor/settings.ts');
      const findings =
        config instanceof ConfigError ? wrongSettings(config) : await examine(config, environmentOf(command));
      const healthy = findings.every(({ status }) => status !== 'fail');
      await terminal.out(
        json
          ? `${escapedJson(JSON.stringify({ healthy, findings }, null, 2))}\n`
          : findings.map((finding) => text(finding, terminal)).join(''),
      );
      if (!healthy) throw new Failed();
    });
}

const COLOURS: Readonly<Record<Finding['status'], Colour>> = {
  ok: 'green',
  warn: 'yellow',
  fail: 'red',
  skip: 'dim',
};

function text({ about, status, says, cure }: Finding, terminal: Terminal): string {
  const line = `${terminal.style(COLOURS[status], status.padEnd(5))} ${about.padEnd(10)} ${says}\n`;
  return cure === undefined ? line : `${line}                 → ${cure}\n`;
}
