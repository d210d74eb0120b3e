import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { counted } from './counted.ts';
import { escapedJson } from './print.ts';
import type { Terminal } from './terminal.ts';

export function addTrustedDocuments(program: Command, terminal: Terminal): void {
  program
    .command('trusted-documents')
    .description(
      'make the manifest for TRUSTED_DOCUMENTS_FILE of .graphql files, each checked against the schema',
    )
    .argument('<paths...>', 'files, and folders that hold them; each file is one document')
    .option('--out <file>', 'where to write it; without it, it is printed')
    .action(async (paths: readonly string[], { out }: { readonly out?: string }) => {
      const { schema } = await import('../schema/index.ts');
      const { createManifest } = await import('../trusted-documents/manifest.ts');
      const manifest = await createManifest(paths, schema);
      const json = `${escapedJson(JSON.stringify(manifest, null, 2))}\n`;
      if (out === undefined) return terminal.out(json);
      await writeFile(out, json);
      terminal.err(
        `${counted(Object.keys(manifest).length, 'document')}. Set TRUSTED_DOCUMENTS_FILE=${out} for the gateway.\n`,
      );
    });
}
