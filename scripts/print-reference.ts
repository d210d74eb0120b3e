import { readFileSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { type GraphQLObjectType, isObjectType } from 'graphql';
import { createProgram } from '../src/cli/program.ts';
import { ERROR_CODES, type ErrorCode } from '../src/domain/errors.ts';
import { CLOSINGS } from '../src/http/close-codes.ts';
import { REFUSALS } from '../src/http/refusals.ts';
import { TYPE_OF } from '../src/schema/errors.ts';
import { schema } from '../src/schema/index.ts';

/** Writes the pages that are generated; with `--check`, fails when a page is not what the code says. */
const PAGES: Readonly<Record<string, () => string>> = { 'errors.md': errors, 'commands.md': commands };

function errors(): string {
  const rows = Object.entries(ERROR_CODES).map(([code, meaning]) => {
    const type = TYPE_OF[code as ErrorCode];
    return `| \`${code}\` | ${meaning} | ${type === undefined ? '–' : `\`${type}\`${details(type)}`} |`;
  });
  const closings = Object.values(CLOSINGS).map(
    ({ code, final, meaning }) => `| ${code} | ${final ? 'yes' : 'no'} | ${meaning} |`,
  );
  const refusals = Object.values(REFUSALS)
    .filter(({ status }) => status !== 500)
    .map(({ status, code, message }) => `| ${status} | \`${code}\` | ${message.replaceAll('|', '\\|')} |`);
  return `# Error codes

<!-- Generated from the code's catalogue: npm run reference -->

In \`extensions.code\` of everything in \`errors[]\`, and in \`code\` of the typed errors that mutations answer with. The details
of a typed error stand in \`extensions\` of the others under the same names. \`message\` is for developers, and may change.

| code | what it means, and what to do | as the result of a mutation |
| --- | --- | --- |
${rows.join('\n')}

## Below GraphQL

| what | means |
| --- | --- |
| HTTP 401 with \`WWW-Authenticate: Bearer\` | a token came that is not valid, or no longer: log in again |
| HTTP 503 of \`/readyz\` | this process cannot serve now: its body says why |

## Why a socket is closed

After a final code, coming again mends nothing, and the client of graphql-ws does not; after any other it comes again by itself
where its \`retryAttempts\` allow it.

| code | final | means |
| --- | --- | --- |
${closings.join('\n')}

## Refused before GraphQL

Nothing has run then. The body has GraphQL's form, \`{"errors":[{"message":…,"extensions":{"code":…}}]}\`, and a page of an origin in
\`CORS_ORIGINS\` can read it (not 408, and 400 and 431 where not even the headers could be read).

| HTTP | code | message |
| --- | --- | --- |
${refusals.join('\n')}

A webhook is answered 401 when its signature or token is wrong, 400 or 415 when its body cannot be read, 413 when it is too
large, and 503 when the event log cannot be written: then the provider comes again.
`;
}

/** The fields of an error's type beside those that all have. */
function details(name: string): string {
  const type = schema.getType(name);
  const own = isObjectType(type) ? ownFields(type) : [];
  return own.length > 0 ? ` with ${own.map((field) => `\`${field}\``).join(', ')}` : '';
}

const ownFields = (type: GraphQLObjectType): string[] =>
  Object.keys(type.getFields()).filter((field) => field !== 'message' && field !== 'code');

function commands(): string {
  const silent = {
    out: async () => {},
    err: () => {},
    watched: false,
    style: (_: string, text: string) => text,
  };
  const program = createProgram(silent);
  return `# The command line

<!-- Generated from the commands themselves: npm run reference -->

In a clone: \`npm run mekong -- doctor\`. Built (\`npm run build\`): \`node dist/cli.js doctor\`. Installed as a package: \`mekong doctor\`.

Settings are those of the gateway, from the environment; \`--env-file .env\` before or after any command reads them from a file too.
Exit codes: 0 done, 1 failed, 2 wrong arguments. Output is coloured only on a terminal, and never with \`NO_COLOR\` set.

${[program, ...below(program)].map(section).join('\n')}`;
}

const below = (command: Command): Command[] => command.commands.flatMap((child) => [child, ...below(child)]);

function section(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => void (text += part), getOutHelpWidth: () => 100 });
  command.outputHelp();
  const name = pathOf(command).join(' ');
  return `## ${name}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`;
}

const pathOf = (command: Command): string[] =>
  command.parent ? [...pathOf(command.parent), command.name()] : [command.name()];

for (const [name, page] of Object.entries(PAGES)) {
  const file = new URL(`../docs/${name}`, import.meta.url);
  const text = page();
  if (!process.argv.includes('--check')) {
    writeFileSync(file, text);
  } else if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write(`docs/${name} is not what the code says. Run: npm run reference\n`);
    process.exitCode = 1;
  }
}
