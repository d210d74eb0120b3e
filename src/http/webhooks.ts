import type { IncomingMessage } from 'node:http';
import type { Intake } from '../aside/intake.ts';
import { AsideFull, AsideUnavailable } from '../aside/store.ts';
import type { Provider } from '../domain/provider.ts';
import { LogClosed, LogUnavailable, type NewEvent } from '../events/log.ts';
import type { Clock } from '../lib/clock.ts';
import type { Logger } from '../lib/logger.ts';
import { currentTraceparent, inSpan } from '../lib/span.ts';
import type { UnderWay } from '../lib/under-way.ts';
import type { Webhook } from '../providers/provider.ts';
import { type Handler, sendJson } from './server.ts';

/** The largest delivery, in bytes. */
const MAX_BODY = 1024 * 1024;
/** Why a webhook could not be kept where nothing is wrong. */
const STOPPING = 'stopping';
/** When a provider should come back after a 503, in seconds. */
const RETRY_AFTER = '5';

export interface WebhookRouteOptions {
  readonly provider: Provider;
  readonly webhook: Webhook;
  readonly intake: Intake;
  readonly clock: Clock;
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
  /**
   * - `accepted`: understood, and in the log;
   * - `aside`: authentic and not understood, at least in one row: kept as it came, beside the events that were understood;
   * - `ignored`: understood, and nothing to us;
   * - `refused`: not authentic, or no JSON;
   * - `unread`: no whole body came;
   * - `unavailable`: authentic, but it could not be kept.
   */
  readonly verdict: 'accepted' | 'aside' | 'ignored' | 'refused' | 'unread' | 'unavailable';
  /** A short constant of ours; empty when it was accepted. */
  readonly reason: string;
  /** Rows that were not understood, or contradict the log. */
  readonly rowsAside: number;
  /** From the request to its answer. */
  readonly ms: number;
}

/**
 * A provider's webhook: raw body → verify → interpret → take in → 2xx. 2xx means that the delivery is on disk: its events in
 * the log, and what was not understood beside it. Refusals are constant; when something could not be written the provider is
 * asked to come back.
 */
export function webhookRoute(options: WebhookRouteOptions): Handler {
  const { provider, webhook, intake, clock, readWithin, logger, underWay, onJudged } = options;
  const take: Handler = async (request, response, requestId) => {
    const begun = performance.now();
    const judged = (verdict: JudgedWebhook['verdict'], reason = '', rowsAside = 0) =>
      onJudged({ provider, verdict, reason, rowsAside, ms: performance.now() - begun });
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
    const { scheme, reading } = verdict;
    if (reading.nothing) {
      logger.info({ requestId, provider, scheme, reason: reading.nothing }, 'webhook ignored');
      judged('ignored', reading.nothing);
      return sendJson(response, 200, { success: true });
    }
    const delivery = { provider, scheme, body, receivedAt: clock.now() };
    try {
      const [reason, ...others] = await inSpan(
        { name: 'append', kind: 'producer', attributes: { 'mekong.provider': provider } },
        () => intake.take({ ...delivery, reading: { ...reading, events: traceable(reading.events) } }),
      );
      if (reason === undefined) {
        logger.debug({ requestId, provider, scheme, count: reading.events.length }, 'webhook accepted');
        judged('accepted');
      } else {
        const count = 1 + others.length;
        logger.warn(
          { requestId, provider, scheme, reason, count },
          'a webhook is authentic and was not understood: it is kept aside, see mekong events aside',
        );
        judged('aside', reason, count);
      }
      return sendJson(response, 200, { success: true });
    } catch (error) {
      const unkept = unkeptReason(error);
      if (!unkept) throw error;
      const level = unkept.reason === STOPPING ? 'info' : 'error';
      logger[level]({ requestId, err: error, provider, reason: unkept.reason }, unkept.message);
      judged('unavailable', unkept.reason);
      return sendJson(response, 503, { error: 'come back later' }, { 'retry-after': RETRY_AFTER });
    }
  };
  return (request, response, requestId) => underWay.add(Promise.resolve(take(request, response, requestId)));
}

/** Null for what is a fault of ours. */
function unkeptReason(error: unknown): { readonly reason: string; readonly message: string } | null {
  const cure = 'look at the disk or at NATS; the provider will repeat the webhook';
  // On a connection that was busy when the process was told to end.
  if (error instanceof LogClosed)
    return { reason: STOPPING, message: 'a webhook came as the gateway stops: the provider will repeat it' };
  if (error instanceof LogUnavailable)
    return { reason: 'log', message: `the event log cannot be written: ${cure}` };
  if (error instanceof AsideFull) {
    return {
      reason: 'aside-full',
      message: 'a webhook was not understood, and there is no room to keep it aside: see mekong events aside',
    };
  }
  if (error instanceof AsideUnavailable) {
    return { reason: 'aside', message: `a webhook was not understood, and cannot be kept aside: ${cure}` };
  }
  return null;
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
