import { WebSocket } from 'ws';
import type { Child } from './child.ts';

/** What makes a process of ours answer `heapOf`; for its `NODE_OPTIONS`. */
export const INSPECTED = '--inspect=127.0.0.1:0';

/**
 * Asks a running process, over Node's inspector, what it still holds once everything it can let go of is collected:
 * V8's heap and the buffers outside it. Unlike the size of the process, it does not hang on when V8 chose to collect.
 * @param child started with `INSPECTED`.
 * @returns bytes.
 */
export async function heapOf(child: Child): Promise<number> {
  const [address] = /ws:\/\/127\.0\.0\.1:\S+/.exec(child.stderr) ?? [];
  if (address === undefined) throw new Error('The process was not started with INSPECTED.');
  const inspector = new WebSocket(address);
  const call = (id: number, method: string, params: object = {}) =>
    new Promise<{ result?: { value: number } }>((resolve, reject) => {
      inspector.once('message', (text) => {
        const { result, error } = JSON.parse(String(text));
        if (error) reject(new Error(error.message));
        else resolve(result);
      });
      inspector.once('error', reject).once('close', () => reject(new Error('The process ended.')));
      inspector.send(JSON.stringify({ id, method, params }));
    });
  try {
    await new Promise((resolve, reject) => inspector.once('open', resolve).once('error', reject));
    await call(1, 'HeapProfiler.collectGarbage');
    const { result } = await call(2, 'Runtime.evaluate', {
      expression: '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())',
      returnByValue: true,
    });
    if (typeof result?.value !== 'number') throw new Error('The process did not say how much it holds.');
    return result.value;
  } finally {
    inspector.terminate();
  }
}
