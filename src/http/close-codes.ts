import { CloseCode } from 'graphql-ws';

/** Why a socket is closed from here. */
export interface Closing {
  readonly code: number;
  /** Whether graphql-ws' own client takes it as final; with any other it comes again by itself. */
  readonly final: boolean;
  readonly meaning: string;
}

/**
 * Every code that a socket of a client that may be mended or may come again is closed with; the protocol closes with some
 * of them by itself. What coming again does not mend is final for a client that knows the protocol, and nothing else is.
 */
export const CLOSINGS = {
  goingAway: { code: 1001, final: false, meaning: 'the process ends: connect again, and resume' },
  tooBig: { code: 1009, final: true, meaning: 'a message is larger than 256 KiB' },
  later: {
    code: 1013,
    final: false,
    meaning:
      'not now: too many sockets of this viewer, operations in a minute, or messages on one socket; or it cannot be found out who this is. Wait, close some, connect again',
  },
  wrongMessage: {
    code: CloseCode.BadRequest,
    final: true,
    meaning: 'a message is not one of the protocol, or two different tokens came',
  },
  noViewer: {
    code: CloseCode.Unauthorized,
    final: true,
    meaning:
      'as HTTP 401: the token is not valid, or the session has ended. Log in. Also: an operation came before the acknowledgement',
  },
  noProtocol: {
    code: CloseCode.SubprotocolNotAcceptable,
    final: true,
    meaning: 'the protocol is graphql-transport-ws',
  },
  noGreeting: {
    code: CloseCode.ConnectionInitialisationTimeout,
    final: false,
    meaning: '`connection_init` did not come within 5 s',
  },
  idInUse: {
    code: CloseCode.SubscriberAlreadyExists,
    final: true,
    meaning: 'an operation with this id still runs',
  },
  secondGreeting: {
    code: CloseCode.TooManyInitialisationRequests,
    final: true,
    meaning: '`connection_init` came twice',
  },
  failed: {
    code: CloseCode.InternalServerError,
    final: true,
    meaning: 'a fault of this API. It was logged',
  },
} as const satisfies Record<string, Closing>;
