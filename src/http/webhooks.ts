import type { IncomingMessage } from 'node:http';
import { type EventLog, LogUnavailable, type NewEvent } from '../events/log.ts';
import type { Logger } from '../lib/logger.ts';
import { currentTraceparent, inSpan } from '../lib/span.ts';
import type { UnderWay } from '../lib/under-way.ts';
import type { Webhook } from '../providers/provider.ts';
import { type Handler, sendJson } from './server.ts';

/** The largest delivery, in bytes. */
const MAX_BODY = 1024 * 1024;
/** When a provider should come back after a 503, in seconds. */
const RETRY_AFTER = '5';

export interface WebhookRouteOptions {
  readonly provider: string;
  readonly webhook: Webhook;
  readonly log: Pick<EventLog, 'append'>;
  /** How long a delivery may take to arrive, in milliseconds. */
  readonly readWithin: number;
  readonly logger: Logger;
  /** Holds every delivery from its beginning to its answer. */
  readonly underWay: Pick<UnderWay, 'add'>;
  /** Told of every delivery when it is answered. */
  readonly onJudged: (webhook: JudgedWebhook) => void;
}

export interface JudgedWebhook {
  readonly provider: string;
  /** `unread`: no whole body came; `unavailable`: authentic, but the log could not be written. */
  readonly verdict: 'accepted' | 'ignored' | 'refused' | 'unread' | 'unavailable';
  /** A short constant of ours; empty when it was accepted. */
  readonly reason: string;
  /** Rows that were not understood. */
  readonly unknown: number;
  /** From the request to its answer. */
  readonly ms: number;
}

/**
 * A provider's webhook: raw body → verify → interpret → append → 2xx. 2xx means that every event of the delivery is on
 * disk; refusals are constant; when the log cannot be written the provider is asked to come back.
 */
export function webhookRoute(options: WebhookRouteOptions): Handler {
  const { provider, webhook, log, readWithin, logger, underWay, onJudged } = options;
  const take: Handler = async (request, response, requestId) => {
    const begun = performance.now();
    const judged = (verdict: JudgedWebhook['verdict'], reason = '', unknown = 0) =>
      onJudged({ provider, verdict, reason, unknown, ms: performance.now() - begun });
    if (request.method !== 'POST') return sendJson(response, 405, { error: 'use POST' }, { allow: 'POST' });
    const body = await readBody(request, readWithin);
    if (!Buffer.isBuffer(body)) {
      logger.warn(
        { requestId, provider, reason: body.error },
        'webhook refused: docs/providers.md tells what the reason means',
      );
      judged('unread', body.error);
      return sendJson(response, body.status, { error: body.error }, { connection: 'close' });
    }
    const verdict = await webhook.receive(firstValues(request), body);
    if (verdict.kind === 'refused') {
      logger.warn(
        { requestId, provider, reason: verdict.reason },
        'webhook refused: docs/providers.md tells what the reason means',
      );
      judged('refused', verdict.reason);
      return sendJson(response, verdict.status, { error: 'refused' });
    }
    const { scheme } = verdict;
    if (verdict.kind === 'ignored') {
      logger.info({ requestId, provider, scheme, reason: verdict.reason }, 'webhook ignored');
      judged('ignored', verdict.reason);
      return sendJson(response, 200, { success: true });
    }
    const { events, unreadable } = verdict;
    const unknown = unreadable.length;
    try {
      await inSpan({ name: 'append', kind: 'producer', attributes: { 'mekong.provider': provider } }, () =>
        log.append(traceable(events)),
      );
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      logger.error(
        { requestId, err: error, provider },
        'the event log cannot be written: look at the disk or at NATS; the provider will repeat the webhook',
      );
      judged('unavailable', 'log');
      return sendJson(response, 503, { error: 'come back later' }, { 'retry-after': RETRY_AFTER });
    }
    if (unknown > 0)
      logger.warn(
        { requestId, provider, count: unknown },
        'rows of a webhook were not understood, and left out',
      );
    logger.debug({ requestId, provider, scheme, count: events.length }, 'webhook accepted');
    judged('accepted', '', unknown);
    return sendJson(response, 200, { success: true });
  };
  return (request, response, requestId) => underWay.add(Promise.resolve(take(request, response, requestId)));
}

/** Their delivery to subscribers goes on in the same trace, wherever it happens. */
function traceable(events: readonly NewEvent[]): readonly NewEvent[] {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? events : events.map((event) => ({ ...event, traceparent }));
}

interface Unread {
  readonly status: 400 | 408 | 413;
  readonly error: string;
}

const TOO_LARGE: Unread = { status: 413, error: 'too large' };
const TOO_SLOW: Unread = { status: 408, error: 'too slow' };
/** For the log alone: nobody is left to read the answer. */
const BROKEN_OFF: Unread = { status: 400, error: 'broken off' };

/** The raw body, or why there is none. Never rejects. */
function readBody(request: IncomingMessage, within: number): Promise<Buffer | Unread> {
  if (Number(request.headers['content-length']) > MAX_BODY) return Promise.resolve(TOO_LARGE);
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (result: Buffer | Unread) => {
      clearTimeout(timer);
      request.pause();
      resolve(result);
    };
    const timer = setTimeout(() => settle(TOO_SLOW), within);
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY) settle(TOO_LARGE);
      else chunks.push(chunk);
    });
    request.on('end', () => settle(Buffer.concat(chunks)));
    request.on('error', () => settle(BROKEN_OFF));
    request.on('close', () => settle(BROKEN_OFF));
  });
}

/** Of a repeated header the first value, in lower-case names. */
const firstValues = ({ headersDistinct }: IncomingMessage): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(headersDistinct).map(([name, values]) => [name, values?.[0]]));
