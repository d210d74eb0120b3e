import { createHook } from 'node:async_hooks';

export interface TimerWatch {
  /** How many of those that were started since are neither over nor cleared. */
  count(): number;
  stop(): void;
}

/** Watches the timers of this process that last one of these times, in milliseconds. */
export function watchTimers(...durations: readonly number[]): TimerWatch {
  const running = new Set<number>();
  const hook = createHook({
    init(id, type, _trigger, resource) {
      const { _idleTimeout } = resource as { _idleTimeout?: number };
      if (type === 'Timeout' && durations.includes(_idleTimeout ?? 0)) running.add(id);
    },
    destroy: (id) => void running.delete(id),
  }).enable();
  return { count: () => running.size, stop: () => void hook.disable() };
}
