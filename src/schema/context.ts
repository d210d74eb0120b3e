import type { LoginLimits } from '../auth/login-limits.ts';
import type { Scope, Viewer } from '../auth/viewer.ts';
import type { GatewayError } from '../domain/errors.ts';
import type { Provider } from '../domain/provider.ts';
import type { EventFilter, EventLog, LogEvent } from '../events/log.ts';
import type { Signal } from '../lib/abort.ts';
import type { Loaders } from '../loaders/index.ts';
import type { Login, PresentedSession } from '../sessions/login.ts';
import type { VisibleEvent } from './event/visible.ts';

/** What every resolver is given: made anew for each operation, and for each event of a subscription. */
export interface Context {
  readonly viewer: Viewer;
  readonly access: Access;
  /** Of this operation; of a subscription, those of the current event. */
  readonly loaders: Loaders;
  /** Fresh loaders, with a fresh deadline, for the next event of a subscription. */
  readonly renewLoaders: () => Loaders;
  /** Other loaders than those, for one look aside, with a deadline of its own. */
  readonly withLoaders: <T>(look: (loaders: Loaders) => Promise<T>) => Promise<T>;
  /** The end of the event log when the operation started. */
  readonly eventsEnd: () => Promise<number>;
  readonly services: Services;
  /** The session that the request presented, with its token; null for everybody else. */
  readonly presented: PresentedSession | null;
  /** The client's network address, for limits. */
  readonly address: string;
  /** Names the operation to whoever reads logs, here and at the providers. */
  readonly requestId: string;
  /** Aborts when the client leaves or the operation's time is over. */
  readonly signal: Signal;
  /** Counts a request that is really sent to a provider; loaders do so by themselves. */
  readonly onAttempt: (provider: Provider) => void;
  /** Aborts when the subscription is over: its client left, or its session ended. No deadline. */
  readonly subscriptionSignal: () => AbortSignal;
  /** The subscription hears of card events, until the function that is returned is called. */
  readonly listen: () => () => void;
  /** Who goes on with a subscription where its stream would wait for news; null: nobody, it waits by itself. */
  readonly live: LiveDelivery | null;
  /**
   * Reports a failure beside an answer that is still useful, such as one of two merged lists: it is added to
   * `errors` with the field's path, and the field keeps its data.
   */
  readonly reportPartial: (error: GatewayError, path: readonly (string | number)[]) => void;
}

/** Delivery of news as it happens, beside the streams that read the log each by itself. */
export interface LiveDelivery {
  /** Where a subscription fell back to the log; null when it begins. */
  readonly resume: Resume | null;
  /** @returns whether it delivers from `position` on: the stream is over then. */
  takeOver(position: number, selection: EventSelection): boolean;
}

/** Where a subscription goes on by itself. */
export interface Resume {
  /** The position that it had come to. */
  readonly after: number;
  /** The provider that could not tell of the next event, in a stream that can do without it for now; else null. */
  readonly lagging: Provider | null;
}

/** Which events are read from the log, and which of those that the viewer may see are told. */
export interface EventSelection {
  readonly log: EventFilter;
  /** The providers whose events are delivered. Several: a merged stream, which can do without one of them. */
  readonly providers: readonly Provider[];
  /** Providers that a merged stream began with and whose login has ended since. */
  readonly lost?: readonly Provider[];
  readonly tells: (event: VisibleEvent) => boolean;
}

/** What mutations and events work with: one set for the whole process. */
export interface Services {
  readonly login: Login;
  readonly loginLimits: LoginLimits;
  readonly log: EventLog;
  /** How long an event waits for a provider that is down, in milliseconds. */
  readonly holdEvent: number;
  /** Told of events that are given to a subscriber who was there when they came. */
  readonly deliveredLive: (event: LogEvent) => void;
  /** Where Casso shall send its webhooks, and the token to send along; null: none is configured. */
  cassoWebhook(): { readonly url: string; readonly secureToken: string | null };
}

/** Who may ask what. Each answers true or throws the GatewayError that tells the client what is missing. */
export interface Access {
  bongloy(): true;
  casso(scope: Scope): true;
  somebody(): true;
}
