import { setTimeout } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import type { Viewer } from '../../auth/viewer.ts';
import { PROVIDERS } from '../../domain/provider.ts';
import type { Hub } from '../../events/hub.ts';
import type { EventSelection } from '../../schema/context.ts';
import type { Asker, Sources } from '../context.ts';
import type { ErrorMask } from '../errors.ts';
import { createLiveCounts, type LiveCounts, type LiveObserver } from './counts.ts';
import { Lane, type Member } from './lane.ts';
import type { Operation } from './operation.ts';
import type { Program } from './program.ts';
import { createPrograms, type ProgramOf } from './programs.ts';

export interface LiveOptions {
  readonly hub: Hub;
  readonly schema: GraphQLSchema;
  readonly sources: Sources;
  readonly mask: ErrorMask;
  readonly observer: LiveObserver;
}

/** What a subscription asks, and for whom. */
export interface LiveRequest {
  readonly operation: Operation;
  readonly asker: Asker;
  readonly requestId: string;
  readonly selection: EventSelection;
}

/** Live delivery of news to subscriptions, which share whatever they may. */
export interface Live {
  readonly counts: Readonly<LiveCounts>;
  /** For subscriptions that share what events come to, and are delivered to by another way. */
  readonly programOf: ProgramOf;
  /**
   * @param after everything up to this position has been delivered to the member by another way.
   * @returns the leaving; null when that cannot be gone on from now: read on, and ask again at the end of the log.
   */
  join(request: LiveRequest, after: number, member: Member): (() => void) | null;
  /** After the log has begun to close: waits until everything in it was delivered, for `ms` milliseconds at most. */
  drain(ms: number): Promise<void>;
}

export function createLive({ hub, schema, sources, mask, ...options }: LiveOptions): Live {
  const { counts, observer } = createLiveCounts(options.observer);
  const programOf = createPrograms(schema, { mask, onExecute: () => observer.executed() });
  /** By what is asked, then by the viewer. */
  const lanes = new Map<Program, Map<string, Lane>>();

  function laneFor(request: LiveRequest, after: number): Lane | null {
    const program = programOf(request.operation);
    const viewer = viewerKey(request.asker.viewer, sources);
    const lane = lanes.get(program)?.get(viewer) ?? openLane(request, after, program, viewer);
    // A lane that is ahead has not told the member of what came between.
    return lane && lane.handled <= after ? lane : null;
  }

  function openLane(
    { asker, requestId, selection }: LiveRequest,
    after: number,
    program: Program,
    viewer: string,
  ): Lane | null {
    const byViewer = lanes.get(program) ?? new Map<string, Lane>();
    const credential = sources.credential(asker.viewer, 'CASSO');
    const lane = new Lane(after, {
      program,
      selection,
      asker,
      requestId,
      cassoCredentialId: credential instanceof Error ? null : credential.id,
      sources,
      mask,
      observer,
      onEmpty() {
        leave?.();
        byViewer.delete(viewer);
        if (byViewer.size === 0) lanes.delete(program);
      },
    });
    const leave = hub.join(after, selection.log, lane);
    if (!leave) return null;
    lanes.set(program, byViewer);
    byViewer.set(viewer, lane);
    return lane;
  }

  return {
    counts,
    programOf,

    join(request, after, member) {
      const lane = laneFor(request, after);
      lane?.add(member, after);
      return lane && (() => lane.remove(member));
    },

    async drain(ms) {
      const timer = new AbortController();
      await Promise.race([drained(), setTimeout(ms, undefined, { signal: timer.signal })]);
      timer.abort();
    },
  };

  async function drained(): Promise<void> {
    await hub.close();
    for (const byViewer of lanes.values()) {
      for (const lane of byViewer.values()) await lane.idle;
    }
  }
}

/**
 * Whatever an answer may depend on beside the operation: the session with what it has linked, or the operator with the
 * scopes of its token.
 */
function viewerKey(viewer: Viewer, { credential }: Sources): string {
  if (viewer.kind === 'ANONYMOUS') return viewer.kind;
  if (viewer.kind === 'OPERATOR') return JSON.stringify([viewer.kind, viewer.subject, ...viewer.scopes]);
  const ids = PROVIDERS.map((provider) => {
    const own = credential(viewer, provider);
    return own instanceof Error ? null : own.id;
  });
  return JSON.stringify([viewer.kind, viewer.session.id, ...ids]);
}
