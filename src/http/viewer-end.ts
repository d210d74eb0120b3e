import { type Viewer, viewerExpiresAt } from '../auth/viewer.ts';
import type { Clock } from '../lib/clock.ts';
import { DAY } from '../lib/duration.ts';
import type { Sessions } from '../sessions/sessions.ts';

/** Node.js timers hold no longer time; a client that is sent away early comes back. */
const LONGEST_TIMER = 24 * DAY;

/** Calls `listener` when the viewer's session or token has ended. @returns the undoing. */
export function onViewerEnd(
  viewer: Viewer,
  { sessions, clock }: { readonly sessions: Pick<Sessions, 'onEnd'>; readonly clock: Clock },
  listener: () => void,
): () => void {
  if (viewer.kind === 'SESSION') return sessions.onEnd(viewer.session.id, listener);
  const expiresAt = viewerExpiresAt(viewer);
  if (expiresAt === null) return () => {};
  const timer = setTimeout(listener, Math.min(Math.max(0, expiresAt - clock.now()), LONGEST_TIMER));
  return () => clearTimeout(timer);
}
