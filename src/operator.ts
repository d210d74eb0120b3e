import { runOperatorCommand } from './auth/operator-command.ts';

process.exitCode = await runOperatorCommand(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
