import type { LogEvent } from '../../events/log.ts';

/** What the fan-out has done since the process started. */
export interface LiveCounts {
  /** Subscriptions that are live now. */
  subscribers: number;
  /** Messages sent to live subscriptions. */
  deliveries: number;
  /** Executions for all who ask the same, and for those who share a lane, over either transport. */
  executions: number;
  /** Live subscriptions that fell back to reading the log. */
  droppedToCatchUp: number;
}

/** Told of what the fan-out does, as it does it. */
export interface LiveObserver {
  /** @param by how many subscriptions more are live; negative: fewer. */
  subscribers(by: number): void;
  /** @param count of the messages that told of the event, all in one turn. */
  delivered(event: LogEvent, count: number): void;
  executed(): void;
  droppedToCatchUp(): void;
}

/** @param further told of everything too. */
export function createLiveCounts(further: LiveObserver): {
  readonly counts: Readonly<LiveCounts>;
  readonly observer: LiveObserver;
} {
  const counts: LiveCounts = { subscribers: 0, deliveries: 0, executions: 0, droppedToCatchUp: 0 };
  const observer: LiveObserver = {
    subscribers(by) {
      counts.subscribers += by;
      further.subscribers(by);
    },
    delivered(event, count) {
      counts.deliveries += count;
      further.delivered(event, count);
    },
    executed() {
      counts.executions += 1;
      further.executed();
    },
    droppedToCatchUp() {
      counts.droppedToCatchUp += 1;
      further.droppedToCatchUp();
    },
  };
  return { counts, observer };
}
