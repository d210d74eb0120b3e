import events from './0001-events.ts';
import sessions from './0002-sessions.ts';

/** In the order of their numbers; one that was released is never changed, a new one is added. */
export const MIGRATIONS: readonly string[] = [events, sessions];
