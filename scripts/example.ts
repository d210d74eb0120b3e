import { refuseOldNode } from '../src/lib/node-version.ts';

/** `npm run example`: the sandbox with its traffic, and the live board that shows it. */
refuseOldNode();
await import('./run-example.ts');
