import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type EventLog, LogUnavailable, type NewEvent } from '../events/log.ts';
import { SECOND } from '../lib/duration.ts';
import type { Logger } from '../lib/logger.ts';
import type { Webhook } from '../providers/provider.ts';
import { type Handler, sendJson } from './server.ts';

/** The largest delivery, in bytes. */
const MAX_BODY = 1024 * 1024;
/** When a provider should come back after a 503, in seconds. */
const RETRY_AFTER = '5';
/** A delivery must arrive within this time: providers give up on us after about five seconds. */
const READ_WITHIN = 5 * SECOND;

export interface WebhookRouteOptions {
  readonly provider: string;
  readonly webhook: Webhook;
  readonly log: Pick<EventLog, 'append'>;
  /** Told of events that are in the log now, before the provider is answered. */
  readonly onEvents: (events: readonly NewEvent[]) => void;
  readonly logger: Logger;
}

/**
 * A provider's webhook: raw body → verify → interpret → append → 2xx. 2xx means that every event of the delivery is on
 * disk; refusals are constant; when the log cannot be written the provider is asked to come back.
 */
export function webhookRoute({ provider, webhook, log, onEvents, logger }: WebhookRouteOptions): Handler {
  return async (request, response) => {
    if (request.method !== 'POST') return sendJson(response, 405, { error: 'use POST' }, { allow: 'POST' });
    const body = await readBody(request);
    if (body === null) return sendJson(response, 413, { error: 'too large' }, { connection: 'close' });
    const verdict = await webhook.receive(plainHeaders(request.headers), body);
    if (verdict.kind === 'refused') {
      logger.warn({ provider, reason: verdict.reason }, 'webhook refused');
      return sendJson(response, verdict.status, { error: 'refused' });
    }
    if (verdict.kind === 'ignored') {
      logger.info({ provider, scheme: verdict.scheme, reason: verdict.reason }, 'webhook ignored');
      return sendJson(response, 200, { success: true });
    }
    try {
      await log.append(verdict.events);
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      logger.error(
        { err: error, provider },
        'the event log cannot be written; the provider will repeat the webhook',
      );
      return sendJson(response, 503, { error: 'come back later' }, { 'retry-after': RETRY_AFTER });
    }
    onEvents(verdict.events);
    if (verdict.unknown > 0)
      logger.warn({ provider, rows: verdict.unknown }, 'rows of a webhook were not understood');
    logger.debug({ provider, scheme: verdict.scheme, events: verdict.events.length }, 'webhook accepted');
    return sendJson(response, 200, { success: true });
  };
}

/** The raw body, or null when it is too large. @throws Error when the client leaves or is too slow. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => request.destroy(new Error('the delivery was too slow')), READ_WITHIN);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY) {
        request.pause();
        settle(() => resolve(null));
      } else chunks.push(chunk);
    });
    request.on('end', () => settle(() => resolve(Buffer.concat(chunks))));
    request.on('error', (error) => settle(() => reject(error)));
    request.on('close', () => settle(() => reject(new Error('the delivery broke off'))));
  });
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]),
  );
}
