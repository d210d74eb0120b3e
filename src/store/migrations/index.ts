import events from './0001-events.ts';
import sessions from './0002-sessions.ts';
import eventEpochs from './0003-event-epochs.ts';
import aside from './0004-aside.ts';
import budgets from './0005-budgets.ts';

/** In the order of their numbers; one that was released is never changed, a new one is added. */
export const MIGRATIONS: readonly string[] = [events, sessions, eventEpochs, aside, budgets];
