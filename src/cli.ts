#!/usr/bin/env node
import { refuseOldNode } from './lib/node-version.ts';

refuseOldNode();
const { main } = await import('./cli/main.ts');
await main(process.argv.slice(2));
