import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../domain/errors.ts';

/** The largest GraphQL request body, in bytes. */
export const MAX_BODY = 1024 * 1024;
/** Objects and lists inside each other, of a body or a socket's message. The schema's input objects are three deep. */
export const MAX_JSON_NESTING = 32;
/** The longest head of a request, with its address, in bytes. */
export const MAX_HEAD = 16 * 1024;
/** What an answer may be sent as; a subscription as a stream alone. In our order where a client has none. */
export const ANSWER_TYPES = [
  'application/json',
  'application/graphql-response+json',
  'text/event-stream',
] as const;
export const STREAM_TYPE = 'text/event-stream';

/** Why a request is not run: what was asked, what is allowed, and what to do. */
export interface Refusal {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Every refusal that does not depend on the operation, and that of a subscription whose client accepts no stream. */
export const REFUSALS = {
  malformed: {
    status: 400,
    code: 'BAD_USER_INPUT',
    message: 'This is no HTTP request. The API takes HTTP/1.1 at /graphql.',
  },
  noQuery: {
    status: 400,
    code: 'BAD_USER_INPUT',
    message: 'This is a GraphQL API. Send a query: by POST as JSON, or by GET as /graphql?query=…',
  },
  brokenJson: {
    status: 400,
    code: 'BAD_USER_INPUT',
    message: 'The body is not valid JSON. Send an object, such as {"query":"{ viewer { kind } }"}.',
  },
  noObject: {
    status: 400,
    code: 'BAD_USER_INPUT',
    message: 'The body must be a JSON object with a query.',
  },
  tooDeep: {
    status: 400,
    code: 'BAD_USER_INPUT',
    message: `The body is nested more than ${MAX_JSON_NESTING} deep; no operation needs that.`,
  },
  foreignSite: {
    status: 403,
    code: 'FORBIDDEN',
    message: 'This site may not ask here: add its origin to CORS_ORIGINS.',
  },
  wrongPath: {
    status: 404,
    code: 'NOT_FOUND',
    message: 'There is nothing here. The API is at /graphql.',
  },
  wrongMethod: {
    status: 405,
    code: 'BAD_USER_INPUT',
    message: 'Ask by GET or POST.',
    headers: { allow: 'GET, POST' },
  },
  noType: {
    status: 406,
    code: 'BAD_USER_INPUT',
    message: `No answer can be sent as the Accept header asks. Send Accept: application/json, or one of: ${ANSWER_TYPES.slice(1).join(', ')}.`,
    headers: { accept: ANSWER_TYPES.join(', ') },
  },
  noStream: {
    status: 406,
    code: 'BAD_USER_INPUT',
    message: `A subscription is answered as a stream. Send Accept: ${STREAM_TYPE}, or subscribe over WebSocket (graphql-transport-ws).`,
    headers: { accept: STREAM_TYPE },
  },
  tooSlow: {
    status: 408,
    code: 'BAD_USER_INPUT',
    message: 'The request took too long to arrive. Send it again.',
  },
  noLength: {
    status: 411,
    code: 'BAD_USER_INPUT',
    message: 'There is no body, or it does not tell its length. Send JSON, with a Content-Length.',
  },
  bodyTooLarge: {
    status: 413,
    code: 'QUERY_TOO_COMPLEX',
    message: `The body is too large: ${MAX_BODY} bytes are allowed. Ask in several operations.`,
  },
  notJson: {
    status: 415,
    code: 'BAD_USER_INPUT',
    message: 'The body is not JSON in UTF-8. Send it as that, with Content-Type: application/json.',
  },
  encoded: {
    status: 415,
    code: 'BAD_USER_INPUT',
    message: 'The body is encoded. Send it as it is, without Content-Encoding.',
  },
  headTooLarge: {
    status: 431,
    code: 'QUERY_TOO_COMPLEX',
    message: `Address and headers are too long: ${MAX_HEAD} bytes are allowed. Send the query by POST.`,
  },
  failed: {
    status: 500,
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something went wrong here. It was logged.',
  },
} as const satisfies Record<string, Refusal>;

/** In GraphQL's form: a client reads it as it reads any other error. */
const bodyOf = ({ code, message }: Refusal): string =>
  JSON.stringify({ errors: [{ message, extensions: { code } }] });

/** Answers the request. What is left of its body is read and thrown away, so that a browser gets to read the answer. */
export function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void {
  const ours = 'application/graphql-response+json';
  const type = request.headers.accept?.startsWith(ours) ? ours : 'application/json';
  response
    .writeHead(refusal.status, { ...refusal.headers, 'content-type': `${type}; charset=utf-8` })
    .end(bodyOf(refusal));
}

/** Answers what is no request to be handled as one, and ends the connection. */
export function refuseConnection(connection: Duplex, refusal: Refusal): void {
  const body = bodyOf(refusal);
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    'Connection: close',
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  connection.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => connection.destroy());
}
