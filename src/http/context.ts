import type { IncomingMessage, ServerResponse } from 'node:http';
import { requireScope, type Scope, type Viewer } from '../auth/viewer.ts';
import { type GatewayError, providerOff, sessionNeeded, unauthenticated } from '../domain/errors.ts';
import type { Provider } from '../domain/provider.ts';
import { Abort, platformSignal, type Signal } from '../lib/abort.ts';
import { deadline } from '../lib/deadline.ts';
import { SECOND } from '../lib/duration.ts';
import { BongloyLoaders, type BongloySources } from '../loaders/bongloy.ts';
import { CassoLoaders, type CassoSources } from '../loaders/casso.ts';
import { type Available, Loaders } from '../loaders/index.ts';
import type { Share } from '../loaders/share.ts';
import type { Credential, ProviderCall } from '../providers/provider.ts';
import type { Access, Context, LiveDelivery, Services } from '../schema/context.ts';
import type { Grants } from '../sessions/grants.ts';
import type { Sessions } from '../sessions/sessions.ts';

/** Why a signal aborted: one for all, as every answer over HTTP ends so. */
const LEFT = new DOMException('the client left', 'AbortError');

/** How long one operation may take, upstream calls and all. */
const OPERATION_DEADLINE = 15 * SECOND;

/** What the process has to answer operations with; a provider that is not configured is null. */
export interface Sources {
  readonly share: Share;
  readonly bongloy: BongloySources | null;
  readonly casso: CassoSources | null;
  /** The credential of a viewer for a provider, or why there is none. */
  readonly credential: (viewer: Viewer, provider: Provider) => Available<Credential>;
  readonly services: Services;
}

/** Who asks: the same for every operation of a request, and of a socket. */
export interface Asker {
  readonly viewer: Viewer;
  /** The token that was presented, without its scheme; null for the anonymous. */
  readonly token: string | null;
  /** The client's network address, for limits. */
  readonly address: string;
}

/** What the server hands over beside the request. */
export interface ServerContext {
  /** Of an operation over HTTP only. */
  readonly req?: IncomingMessage | undefined;
  /** Of the request, or of the operation when it came over a socket. */
  readonly requestId: string;
  /** Of an operation over HTTP only. */
  readonly res?: ServerResponse | undefined;
  /** Of an operation over HTTP only, once it was admitted. */
  readonly asker?: Asker | undefined;
  /** Of an operation over a socket only. */
  readonly socket?: SocketContext | undefined;
}

/** An operation over a socket. */
export interface SocketContext {
  readonly asker: Asker;
  readonly live: LiveDelivery;
  /** @param release is called once when the client wants no more of the operation, or is gone; at once when it is already. */
  onEnd(release: () => void): void;
}

/** The context of one operation, with what the edge needs when it is over. */
export interface OperationContext extends Context {
  /** HTTP requests sent upstream for this operation so far. */
  readonly upstreamCalls: Readonly<Record<Provider, number>>;
  readonly partialErrors: readonly PartialError[];
  /** Why the gateway ended the subscription; null while it runs, and when the client left. */
  readonly subscriptionEnd: GatewayError | null;
  /**
   * Stops everything that the operation waits for, and all that hangs on its signals. The maker of the context calls it when
   * the socket operation or response that it was made for is over.
   * @param reason for the client of a subscription; null when the client left.
   */
  end(reason: GatewayError | null): void;
  /** Ends the deadline's timer. */
  finish(): void;
}

export interface PartialError {
  readonly error: GatewayError;
  readonly path: readonly (string | number)[];
}

/**
 * @param target what the context is made of: it gets the members of one beside its own.
 * @param live what delivers a subscription's news as they happen, if anything does.
 */
export function operationContext<Target extends object>(
  target: Target,
  sources: Sources,
  asker: Asker,
  requestId: string,
  live: LiveDelivery | null = null,
): Target & OperationContext {
  const { viewer, token, address } = asker;
  const upstreamCalls = { BONGLOY: 0, CASSO: 0 };
  const partialErrors: PartialError[] = [];
  const over = new Abort();
  let current = deadline(OPERATION_DEADLINE, over);
  const newLoaders = loadersOf(sources, viewer, requestId, upstreamCalls);
  let end: Promise<number> | undefined;
  let subscriptionSignal: AbortSignal | undefined;

  // Plain members, no accessors: with these, objects of V8 are slow to make and to read.
  const context: Target & Mutable<OperationContext> = Object.assign(target, {
    viewer,
    access: accessOf(viewer, () => context.loaders),
    loaders: newLoaders(current.signal),
    renewLoaders() {
      current.clear();
      current = deadline(OPERATION_DEADLINE, over);
      context.signal = current.signal;
      context.loaders = newLoaders(current.signal);
      return context.loaders;
    },
    async withLoaders<T>(look: (loaders: Loaders) => Promise<T>): Promise<T> {
      const limit = deadline(OPERATION_DEADLINE, over);
      try {
        return await look(newLoaders(limit.signal));
      } finally {
        limit.clear();
      }
    },
    eventsEnd() {
      end ??= sources.services.log.end();
      return end;
    },
    services: sources.services,
    presented: viewer.kind === 'SESSION' && token !== null ? { token, session: viewer.session } : null,
    address,
    requestId,
    signal: current.signal,
    subscriptionSignal() {
      subscriptionSignal ??= platformSignal(over);
      return subscriptionSignal;
    },
    listen: () => listenToCards(sources, viewer, requestId, over, context.onAttempt),
    live,
    onAttempt(provider: Provider) {
      upstreamCalls[provider] += 1;
    },
    reportPartial(error: GatewayError, path: PartialError['path']) {
      partialErrors.push({ error, path });
    },
    upstreamCalls,
    partialErrors,
    subscriptionEnd: null,
    end(reason: GatewayError | null) {
      context.subscriptionEnd ??= reason;
      over.abort(reason ?? LEFT);
      current.clear();
    },
    finish: () => current.clear(),
  });
  return context;
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Makes the loaders of an operation, or of each event: whose they are is found out once. */
function loadersOf(
  { share, bongloy, casso, credential: credentialFor }: Sources,
  viewer: Viewer,
  requestId: string,
  upstreamCalls: Record<Provider, number>,
): (signal: Signal) => Loaders {
  const maker = <S, L>(
    provider: Provider,
    source: S | null,
    make: (source: S, call: ProviderCall) => L,
  ): ((signal: Signal) => Available<L>) => {
    if (!source) return () => OFF[provider];
    const credential = credentialFor(viewer, provider);
    if (credential instanceof Error) return () => credential;
    const onAttempt = () => {
      upstreamCalls[provider] += 1;
    };
    return (signal) => make(source, { credential, signal, onAttempt, requestId });
  };
  const ofBongloy = maker('BONGLOY', bongloy, (source, call) => new BongloyLoaders(source, share, call));
  const ofCasso = maker('CASSO', casso, (source, call) => new CassoLoaders(source, share, call));
  return (signal) => new Loaders(ofBongloy(signal), ofCasso(signal));
}

/**
 * A subscription of the viewer hears of card events, as far as the viewer has a credential for them.
 * @param signal aborts when it is over.
 * @returns the leaving.
 */
export function listenToCards(
  { bongloy, credential: credentialFor }: Sources,
  viewer: Viewer,
  requestId: string,
  signal: Signal,
  onAttempt?: (provider: Provider) => void,
): () => void {
  const credential = bongloy && credentialFor(viewer, 'BONGLOY');
  if (!credential || credential instanceof Error) return () => {};
  const call = { credential, signal, requestId, onAttempt: () => onAttempt?.('BONGLOY') };
  return bongloy.cardNews.listen(call);
}

function accessOf(viewer: Viewer, loaders: () => Loaders): Access {
  return {
    bongloy() {
      loaders().bongloy();
      return true;
    },
    casso(scope: Scope) {
      if (viewer.kind === 'OPERATOR') requireScope(viewer, scope);
      loaders().casso();
      return true;
    },
    somebody() {
      if (viewer.kind === 'ANONYMOUS') throw unauthenticated();
      return true;
    },
  };
}

/**
 * What is held of a session's credentials goes when the session ends.
 * @param operator the operator's own credential at Casso (`CASSO_API_KEY`); null when it is not set.
 */
export function credentialOf(
  grants: Grants,
  operator: Credential | null,
  sessions: Pick<Sessions, 'onEnd'>,
  share: Share,
): Sources['credential'] {
  /** By session: the credentials that it has used. */
  const used = new Map<string, Set<string>>();

  function use(sessionId: string, credentialId: string): void {
    const ids = used.get(sessionId);
    if (ids) {
      ids.add(credentialId);
      return;
    }
    used.set(sessionId, new Set([credentialId]));
    sessions.onEnd(sessionId, () => {
      for (const id of used.get(sessionId) ?? []) share.forget(id);
      used.delete(sessionId);
    });
  }

  return (viewer, provider) => {
    if (viewer.kind === 'OPERATOR' && provider === 'CASSO') return operator ?? OFF.CASSO;
    if (viewer.kind !== 'SESSION') return NO_SESSION[provider];
    const credential = grants.credential(viewer.session, provider);
    if (credential) use(viewer.session.id, credential.id);
    return credential ?? NOT_LINKED[provider];
  };
}

/** Made once each: most operations meet one of them, and few tell it. */
const NOT_LINKED = { BONGLOY: unauthenticated('BONGLOY'), CASSO: unauthenticated('CASSO') };
const NO_SESSION = { BONGLOY: sessionNeeded('BONGLOY'), CASSO: sessionNeeded('CASSO') };
const OFF = { BONGLOY: providerOff('BONGLOY'), CASSO: providerOff('CASSO') };
