import { forbidden, unauthenticated } from '../domain/errors.ts';
import type { Session } from '../sessions/session.ts';

/** Who is asking. Decided once for a request, and once for a socket. */
export type Viewer = AnonymousViewer | SessionViewer | OperatorViewer;

/** May only log in. */
export interface AnonymousViewer {
  readonly kind: 'ANONYMOUS';
}

/** Somebody with the grants of one session, as they stood when it was presented. */
export interface SessionViewer {
  readonly kind: 'SESSION';
  readonly session: Session;
}

/** The shop itself, or a program of it, within the scopes of its token. */
export interface OperatorViewer {
  readonly kind: 'OPERATOR';
  readonly subject: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** What an operator's token may allow: bank queries, the sync, the webhook's administration, events. */
export const SCOPES = ['casso:read', 'casso:sync', 'casso:admin', 'events:read'] as const;

export type Scope = (typeof SCOPES)[number];

export const isScope = (text: unknown): text is Scope => SCOPES.some((scope) => scope === text);

export const ANONYMOUS: AnonymousViewer = { kind: 'ANONYMOUS' };

/** What limits count a viewer by: its session or subject; the anonymous by their address. */
export function viewerKey(viewer: Viewer, address: string): string {
  if (viewer.kind === 'SESSION') return viewer.session.id;
  return viewer.kind === 'OPERATOR' ? `operator:${viewer.subject}` : `address:${address}`;
}

/** When the viewer's token ends by itself, milliseconds since the epoch; null for the anonymous. */
export function viewerExpiresAt(viewer: Viewer): number | null {
  if (viewer.kind === 'ANONYMOUS') return null;
  return viewer.kind === 'SESSION' ? viewer.session.expiresAt : viewer.expiresAt;
}

/** @throws GatewayError UNAUTHENTICATED for anybody but the holder of a session. */
export function requireSession(viewer: Viewer): Session {
  if (viewer.kind !== 'SESSION') throw unauthenticated();
  return viewer.session;
}

/**
 * Scopes narrow operators alone: what a session may do follows from what it has linked, which is not asked here.
 * @throws GatewayError FORBIDDEN for an operator without the scope, UNAUTHENTICATED for the anonymous.
 */
export function requireScope(viewer: Viewer, scope: Scope): SessionViewer | OperatorViewer {
  if (viewer.kind === 'ANONYMOUS') throw unauthenticated();
  if (viewer.kind === 'OPERATOR' && !viewer.scopes.has(scope)) throw forbidden(scope);
  return viewer;
}
