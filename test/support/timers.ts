import { createHook } from 'node:async_hooks';

export interface TimerWatch {
  /** How many of those that were started since are neither over nor cleared. */
  count(): number;
  stop(): void;
}

/** @param isMeant which of this process's timers are counted, by the milliseconds that they last. */
export function watchTimers(isMeant: (ms: number) => boolean): TimerWatch {
  const running = new Set<number>();
  const hook = createHook({
    init(id, type, _trigger, resource) {
      const { _idleTimeout } = resource as { _idleTimeout?: number };
      if (type === 'Timeout' && _idleTimeout !== undefined && isMeant(_idleTimeout)) running.add(id);
    },
    destroy: (id) => void running.delete(id),
  }).enable();
  return { count: () => running.size, stop: () => void hook.disable() };
}
