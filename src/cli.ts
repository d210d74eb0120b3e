#!/usr/bin/env node
import { createProgram } from './cli/program.ts';
import { run } from './cli/run.ts';
import { processTerminal } from './cli/terminal.ts';

const terminal = processTerminal();
process.exitCode = await run(createProgram(terminal), process.argv.slice(2), terminal);
